import { expect, test } from 'vitest';
import { connectOptions } from '../../../../src/remote/link/socket.js';

test('an address of several is given time for some round trips', () => {
  expect(connectOptions({ host: 'lb1.example.com', port: 22 })).toEqual({
    host: 'lb1.example.com',
    port: 22,
    noDelay: true,
    autoSelectFamilyAttemptTimeout: 2_500,
  });
  expect(connectOptions({ host: 'lb1', port: 22, family: 6, from: '::1' })).toMatchObject({
    family: 6,
    localAddress: '::1',
  });
});
