import { open } from 'node:fs/promises';
import type { KeyFile } from './identity.js';

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
