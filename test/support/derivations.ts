import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { afterEach, beforeEach, type MockInstance, vi } from 'vitest';

/** How often scrypt has run since the test began. Keys are kept for as long as the process: a test needs passwords of its own. */
export function countedDerivations(): () => number {
  let derive: MockInstance;
  beforeEach(() => {
    derive = vi.spyOn(crypto, 'scryptSync');
    syncBuiltinESMExports();
  });
  afterEach(() => {
    derive.mockRestore();
    syncBuiltinESMExports();
  });
  return () => derive.mock.calls.length;
}
