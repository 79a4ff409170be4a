import { resolve } from 'node:path';
import type { Files } from './files.js';

/** All that expanding reads besides the file itself, passed in so that tests own it. */
export interface LoadContext {
  /** Absolute path of the folder of the configuration file. */
  readonly directory: string;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly files: Files;
}

/** Makes a path of the configuration absolute: `~` is the home folder, anything relative is beside the file. */
export function expandPath(path: string, { directory, home }: Pick<LoadContext, 'directory' | 'home'>): string {
  return path === '~' || path.startsWith('~/') ? resolve(home, `.${path.slice(1)}`) : resolve(directory, path);
}
