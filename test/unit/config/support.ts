import type { Files } from '../../../src/config/expand/files.js';
import { type Loaded, loadCluster } from '../../../src/config/load.js';

export interface Surroundings {
  /** Where the configuration is looked for; it is at `ha-deploy.yaml`. */
  readonly path?: string;
  /** Absolute path to text, or to the bytes of a file. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Absolute path to permission bits; 0600 where not given. */
  readonly modes?: Readonly<Record<string, number>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Loads text as if it were `/etc/lb/ha-deploy.yaml`, on a machine that has only what is given. */
export function load(text: string | Uint8Array, surroundings: Surroundings = {}): Loaded {
  const { path = 'ha-deploy.yaml', files = {}, modes = {}, env = {} } = surroundings;
  return loadCluster({
    path,
    cwd: '/etc/lb',
    home: '/home/me',
    env,
    files: fakeFiles({ ...files, '/etc/lb/ha-deploy.yaml': text }, modes),
  });
}

/** What loading throws. */
export function failure(text: string | Uint8Array, surroundings: Surroundings = {}): unknown {
  try {
    load(text, surroundings);
  } catch (error) {
    return error;
  }
  throw new Error('it loaded');
}

function fakeFiles(
  contents: Readonly<Record<string, string | Uint8Array>>,
  modes: Readonly<Record<string, number>>,
): Files {
  const contentOf = (path: string) => {
    const content = contents[path];
    if (content === undefined) throw Object.assign(new Error(`no such file: ${path}`), { code: 'ENOENT' });
    return content;
  };
  return {
    read: (path) => Buffer.from(contentOf(path)),
    mode: (path) => (contentOf(path), modes[path] ?? 0o600),
  };
}
