import { appendFile, mkdir, open, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DeployError } from '../../errors/deploy-error.js';
import { systemCode } from '../../errors/system-code.js';
import { type KnownHost, parseKnownHosts } from './known-hosts.js';

interface Reading {
  /** What tells one state of a file from another. */
  readonly state: string;
  readonly entries: Promise<readonly KnownHost[]>;
}

/** The files of known hosts, each read when it is first asked for, and again when it has changed. */
export class KnownHostsFiles {
  readonly #readings = new Map<string, Reading>();

  /** A file that is not there knows no host. @throws DeployError KNOWN_HOSTS_UNREADABLE */
  async read(paths: readonly string[]): Promise<readonly KnownHost[]> {
    return (await Promise.all(paths.map((path) => this.#readFile(path)))).flat();
  }

  async #readFile(path: string): Promise<readonly KnownHost[]> {
    try {
      const { ino, size, mtimeMs } = await stat(path);
      const state = `${ino} ${size} ${mtimeMs}`;
      const last = this.#readings.get(path);
      if (last?.state === state) return await last.entries;
      const entries = readFile(path, 'utf8').then((text) => parseKnownHosts(text, path));
      this.#readings.set(path, { state, entries });
      return await entries;
    } catch (cause) {
      if (systemCode(cause) === 'ENOENT') return [];
      throw new DeployError('KNOWN_HOSTS_UNREADABLE', `${path} cannot be read: ${systemCode(cause) ?? String(cause)}`, {
        cause,
        hint: 'Make it readable for you, or set ssh.knownHosts to another file.',
      });
    }
  }
}

/** In one write at the end of the file, so that entries of several runs do not mix. */
export async function appendKnownHost(path: string, entry: string): Promise<void> {
  await prepareKnownHosts(path);
  await written(path, async () => {
    const separator = (await endsInNewline(path)) ? '' : '\n';
    await appendFile(path, `${separator}${entry}\n`, { mode: 0o600 });
  });
}

/** Sees that entries can be written, and makes the file where there is none. @throws DeployError KNOWN_HOSTS_UNREADABLE */
export async function prepareKnownHosts(path: string): Promise<void> {
  await written(path, async () => {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await appendFile(path, '', { mode: 0o600 });
  });
}

async function written(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    throw new DeployError(
      'KNOWN_HOSTS_UNREADABLE',
      `${path} cannot be written: ${systemCode(cause) ?? String(cause)}`,
      {
        cause,
        hint: 'Make it writable for you, or set ssh.knownHosts to another file.',
      },
    );
  }
}

async function endsInNewline(path: string): Promise<boolean> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    if (systemCode(cause) === 'ENOENT') return undefined;
    throw cause;
  });
  if (file === undefined) return true;
  try {
    const { size } = await file.stat();
    if (size === 0) return true;
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
    return buffer.toString() === '\n';
  } finally {
    await file.close();
  }
}
