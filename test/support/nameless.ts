import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import { onTestFinished, vi } from 'vitest';

/** Until the end of the test whoever runs this has a user id without a name, as with `docker run --user 12345`. */
export function withoutName(): void {
  const unknown = () => {
    throw new Error('uv_os_get_passwd returned ENOENT');
  };
  const spies = [
    vi.spyOn(os, 'userInfo').mockImplementation(unknown),
    vi.spyOn(os, 'homedir').mockImplementation(unknown),
  ];
  syncBuiltinESMExports();
  onTestFinished(() => {
    for (const spy of spies) spy.mockRestore();
    syncBuiltinESMExports();
  });
}
