import { describe, expect, test } from 'vitest';
import { couldServe } from '../../../src/checks/health.js';
import type { QueryOutput } from '../../../src/remote/runner.js';
import { captured, hostWith, printed } from '../facts/support.js';

const serving = captured('haproxy/bookworm-running');
const silent = printed('', 1);

function instances(...states: readonly string[]): QueryOutput {
  const blocks = states.map(
    (state, at) => ` VRRP Instance = i${at}\n   State = ${state}\n   Effective priority = 254\n`,
  );
  return printed(` Router ID = ha-deploy:000000000000\n${blocks.join('')}`);
}

describe('a node could serve', () => {
  test.each<[string, QueryOutput, QueryOutput, boolean]>([
    ['as holder', serving, captured('keepalived/bookworm-master'), true],
    ['as backup', serving, captured('keepalived/bookworm-backup'), true],
    ['as holder of one VIP and backup of another', serving, instances('MASTER', 'BACKUP'), true],
    ['not in FAULT', serving, captured('keepalived/trixie-fault'), false],
    ['not in FAULT in one of two elections', serving, instances('MASTER', 'FAULT'), false],
    ['not before its first election', serving, instances('INIT'), false],
    ['not without an election', serving, instances(), false],
    ['not without keepalived', serving, silent, false],
    ['not without HAProxy', silent, captured('keepalived/bookworm-backup'), false],
    ['not with an HAProxy that hangs', printed('', 142), captured('keepalived/bookworm-backup'), false],
    ['not without both', silent, silent, false],
  ])('%s', (_, haproxy, keepalived, expected) => {
    expect(couldServe(hostWith({ haproxy, keepalived }))).toBe(expected);
  });
});
