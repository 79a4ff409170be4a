import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Ledger, ledger } from '../../../../src/facts/ledger/ledger.js';
import { bareLedger, captured, capturesOf, namesOf, printed } from '../support.js';

const bare: Ledger = {
  lease: undefined,
  unfinished: false,
  together: false,
  returned: false,
  servedBefore: false,
  touched: { paths: [], sysctls: [] },
  due: [],
  keptAt: undefined,
  generation: undefined,
  reverted: undefined,
};

const generation: Ledger['generation'] = {
  id: 3,
  run: 'k8s-api anna@laptop 1700000000 0.1.0 0123456789ab',
  cluster: 'k8s-api',
  by: 'anna@laptop',
  at: 1_700_000_000,
  tool: '0.1.0',
  config: '0123456789ab',
  did: undefined,
  note: undefined,
  back: undefined,
  served: [],
  nodes: [],
  paths: ['/etc/sysctl.d/60-ha-deploy.conf', '/etc/keepalived/a file', '/etc/nothing'],
  sysctls: ['net.ipv4.ip_nonlocal_bind'],
};

const table: readonly (readonly [string, Ledger])[] = [
  ['ledger/bookworm-bare', bare],
  [
    'ledger/bookworm-first-run',
    {
      ...bare,
      unfinished: true,
      lease: {
        token: '0123456789abcdef0123456789abcdef',
        fence: 7,
        holder: 'anna@laptop',
        machine: '0123456789abcdef',
        pid: 4711,
        process: '123456',
        command: 'up',
        since: 1_700_000_000,
        secondsLeft: 60,
      },
    },
  ],
  ['ledger/bookworm-confirmed', { ...bare, generation }],
  [
    'ledger/bookworm-reverted',
    {
      ...bare,
      generation,
      reverted: {
        why: 'the run ended before it was confirmed',
        at: 1_700_000_100,
        to: 3,
        did: ['file:/etc/keepalived/a file', 'unit:keepalived.service'],
      },
    },
  ],
];

test.each(table)('%s', (name, expected) => {
  expect(ledger.parse(captured(name))).toEqual(expected);
});

test('every capture is in the table', () => {
  expect(namesOf(table)).toEqual(capturesOf('ledger').toSorted());
});

test('a lease that has run out has no seconds left', () => {
  const late = captured('ledger/bookworm-first-run').stdout.replace('1000.42', '1100.00');
  expect(ledger.parse(printed(late)).lease?.secondsLeft).toBe(-40);
});

describe('is unreadable', () => {
  const { stdout } = captured('ledger/bookworm-first-run');
  const confirmed = captured('ledger/bookworm-confirmed').stdout;

  test.each([
    ['without an uptime', '', 'the host does not say how long it has been up'],
    ['with no end of the lease', stdout.replace(/.*expires=.*\n/, ''), 'its ledger says expires=""'],
    ['with an odd number', stdout.replace('pid=4711', 'pid=-1'), 'its ledger says pid="-1"'],
    [
      'of a newer version',
      confirmed.replace('format=1', 'format=2'),
      'its last generation has format 2: a newer ha-deploy',
    ],
  ])('%s', (_, text, message) => {
    expect(() => ledger.parse(printed(text))).toThrow(
      expect.objectContaining({ code: 'FACT_UNREADABLE', message: expect.stringContaining(message) as string }),
    );
  });

  test('with a time that is no time', () => {
    const text = stdout.replace('since=1700000000', `since=${'9'.repeat(15)}`);
    expect(() => ledger.parse(printed(text))).toThrow(expect.objectContaining({ code: 'FACT_UNREADABLE' }));
  });
});

test('what somebody calls themselves forges no other field', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const holder = text.replaceAll('\n', ' ');
      const line = `/run/ha-deploy-lease/lease:holder=${holder}\n`;
      const { lease, ...others } = ledger.parse(
        printed(captured('ledger/bookworm-first-run').stdout.replace(/.*holder=.*\n/, () => line)),
      );
      expect(lease).toEqual({ ...table[1]?.[1].lease, holder });
      expect({ lease: undefined, ...others }).toEqual({ ...bare, unfinished: true });
    }),
  );
});

test('is content where there is nothing', () => {
  expect(ledger.parse(printed(bareLedger))).toEqual(bare);
});
