import { access, open } from 'node:fs/promises';

export interface KeyFile {
  readonly bytes: Buffer;
  /** Anyone but the owner may read or write it. */
  readonly exposed: boolean;
}

/** As OpenSSH, minds the permissions only of files that are one's own. */
export async function readKeyFile(path: string): Promise<KeyFile> {
  const file = await open(path, 'r');
  try {
    const { mode, uid } = await file.stat();
    return { bytes: await file.readFile(), exposed: uid === process.getuid?.() && (mode & 0o077) !== 0 };
  } finally {
    await file.close();
  }
}

export async function keyFileExists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
