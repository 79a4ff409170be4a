import { describe, expect, test } from 'vitest';
import {
  type KeepalivedProcess,
  keepalivedProcess,
  type VrrpState,
} from '../../../../src/facts/keepalived/keepalived.js';
import { captured, capturesOf, namesOf, printed } from '../support.js';

function daemon(identity: string, ...instances: readonly (readonly [string, VrrpState, number])[]): KeepalivedProcess {
  return {
    routerId: `ha-deploy:${identity}`,
    instances: instances.map(([name, state, effectivePriority]) => ({ name, state, effectivePriority })),
  };
}

const table = [
  ['keepalived/bookworm-master', daemon('ea14dba41547', ['k8s-api', 'MASTER', 254])],
  ['keepalived/bookworm-backup', daemon('7497c1d8e581', ['k8s-api', 'BACKUP', 253])],
  ['keepalived/bullseye-fault', daemon('8cb8f24dfeba', ['k8s-api', 'FAULT', 254])],
  ['keepalived/bullseye-ah', daemon('8cb8f24dfeba', ['k8s-api', 'MASTER', 254])],
  ['keepalived/bullseye-two', daemon('8cb8f24dfeba', ['k8s-api', 'MASTER', 254], ['k8s-api-60', 'MASTER', 254])],
  ['keepalived/trixie-fault', daemon('04b6dadbafa0', ['k8s-api', 'FAULT', 253])],
  ['keepalived/trixie-ah', daemon('04b6dadbafa0', ['k8s-api', 'MASTER', 253])],
  ['keepalived/trixie-two', daemon('04b6dadbafa0', ['k8s-api', 'MASTER', 253], ['k8s-api-60', 'MASTER', 253])],
] as const;

test.each(table)('%s', (name, expected) => {
  expect(keepalivedProcess.parse(captured(name))).toEqual(expected);
});

test('keepalived/bookworm-bare: nothing runs', () => {
  expect(keepalivedProcess.parse(captured('keepalived/bookworm-bare', 1))).toBeUndefined();
});

test('every capture is tested', () => {
  expect([...namesOf(table), 'keepalived/bookworm-bare'].toSorted()).toEqual(capturesOf('keepalived').toSorted());
});

test('one without an instance takes part in nothing', () => {
  expect(keepalivedProcess.parse(printed(' Router ID = lb-1\n'))).toEqual({ routerId: 'lb-1', instances: [] });
});

test.each([
  ['   Last transition = 1796073453.867918 (Mon Nov 30 21:17:33.867918 2026)\n', 1_796_073_453],
  ['   Last transition = 1796073453 (Mon Nov 30 21:17:33 2026)\n', 1_796_073_453],
  ['   Last transition = 0.000000 (never)\n', undefined],
  ['', undefined],
])('since when an instance is in its state: %j', (line, since) => {
  const text = captured('keepalived/bookworm-master').stdout.replace(
    '   State = MASTER\n',
    `   State = MASTER\n${line}`,
  );
  expect(keepalivedProcess.parse(printed(text))?.instances[0]?.since).toBe(since);
});

describe('cannot read', () => {
  const { stdout } = captured('keepalived/bookworm-master');

  test.each([
    ['an empty dump', ''],
    ['a dump without an identity', stdout.replace(/^ Router ID.*\n/m, '')],
    ['an instance without a state', stdout.replace(/^ {3}State = MASTER\n/m, '').replace(/^ {3}State = idle\n/m, '')],
    ['a state that there is not', stdout.replace('MASTER', 'KING')],
    ['an instance without a priority', stdout.replace(/^ {3}Effective priority.*\n/m, '')],
    ['a priority that is no number', stdout.replace('= 254', '= high')],
  ])('%s', (_, text) => {
    expect(() => keepalivedProcess.parse(printed(text))).toThrow(expect.objectContaining({ code: 'FACT_UNREADABLE' }));
  });
});

test('one that has no room for its answer is not one that does not answer', () => {
  expect(() => keepalivedProcess.parse(printed('full /run\n', 1))).toThrow(
    expect.objectContaining({
      code: 'NO_SPACE',
      message: 'keepalived cannot say what it runs: there is no space left in /run',
    }),
  );
});
