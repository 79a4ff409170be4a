import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tenure } from '../../../playbooks/tenure.js';
import { sh } from '../../../src/remote/shell.js';
import type { GenerationHead, Tenant } from '../../../src/resources/ledger-steps.js';
import type { Change } from '../../../src/resources/resource.js';
import { runStep, shells } from '../resources/support.js';

const tenant: Tenant = {
  token: '0'.repeat(32),
  holder: 'anna@laptop',
  machine: '0123456789abcdef',
  pid: 4711,
  process: '1',
  command: 'up',
  since: 1_700_000_000,
};

const adopting = { lostRun: 'adopt' } as const;

const head: GenerationHead = {
  id: 3,
  run: '0'.repeat(32),
  cluster: 'k8s-api',
  by: 'anna@laptop',
  at: 1,
  tool: '0.1.0',
  config: 'c',
  did: 'haproxy.cfg',
  served: 'k8s-api',
  nodes: 'node-101 192.168.8.101',
};

/** The last line of a step. */
function told(step: { readonly script: ReturnType<typeof sh> }): string {
  return step.script.reveal().trim().split('\n').at(-1) ?? '';
}

/** The line of taking a node that says who does. */
function toldOfLease(step: { readonly script: ReturnType<typeof sh> }): string {
  return (
    step.script
      .reveal()
      .split('\n')
      .find((line) => line.includes(' take ')) ?? ''
  );
}

test('a lease says who has it, and not its token among the rest', () => {
  expect(toldOfLease(tenure.take(tenant, 60, adopting))).toBe(
    `printf '%s\\n' holder=anna@laptop machine=0123456789abcdef pid=4711 process=1 command=up since=1700000000 | sh "$own" take ${tenant.token} - 60 adopt`,
  );
  expect(toldOfLease(tenure.take(tenant, 60, { lostRun: 'refuse', insteadOf: 'f'.repeat(32) }))).toMatch(
    / take 0{32} f{32} 60 refuse$/,
  );
});

test('whatever somebody calls their machine stays on one line, and one word', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (holder) => {
      const { script } = tenure.take({ ...tenant, holder }, 60, adopting);
      const [before, after] = [tenant, { ...tenant, holder }].map((each) =>
        tenure.take(each, 60, adopting).script.reveal(),
      );
      expect(script.reveal().split('\n')).toHaveLength(before?.split('\n').length ?? 0);
      expect(after).toMatch(/ machine=0123456789abcdef pid=4711 /);
    }),
  );
});

test('a generation has one field a line, whatever the cluster is called', () => {
  const encoded = told(tenure.record(tenant.token, { ...head, by: 'anna@lap\ntop\r\nid=9' }, {}))
    .split(' ')
    .at(-2);
  expect(Buffer.from(encoded ?? '', 'base64').toString()).toBe(
    `format=1\nid=3\nrun=${tenant.token}\ncluster=k8s-api\nby=anna@lap top  id=9\nat=1\ntool=0.1.0\nconfig=c\ndid=haproxy.cfg\nserved=k8s-api\nnodes=node-101 192.168.8.101\n`,
  );
});

describe.each(shells)('a node whose ledger cannot be written to, by %s', (shell) => {
  /** Nothing is written here: to make the folder fails. @param stat block size, free blocks, all files, free files */
  async function taking(stat: string) {
    const change: Change = {
      resource: 'ledger',
      action: 'update',
      summary: '',
      interrupts: false,
      step: tenure.take(tenant, 60, adopting),
    };
    const { exitCode, output } = await runStep(change, shell, { mkdir: 'exit 1', stat: `echo ${stat}` });
    return { code: change.step.failures[exitCode ?? -1]?.code, output };
  }

  test.each([
    ['4096 31 9999 9999', '-h'],
    ['4096 32 9999 15', '-i'],
  ])('has a full disk: %s', async (stat, option) => {
    const { code, output } = await taking(stat);
    expect(code).toBe('DISK_FULL');
    expect(output).toMatch(new RegExp(`^full:${option} /var/lib\\S*\\n$`));
  });

  test.each(['4096 32 9999 16', '4096 32 0 0'])('has another fault: %s', async (stat) => {
    expect(await taking(stat)).toEqual({ code: 'WRITE_FAILED', output: '' });
  });
});

test('a footprint is told a line each, paths first, with who reads them', () => {
  const footprint = {
    units: ['haproxy.service'],
    packages: ['haproxy'],
    sysctls: ['net.ipv4.ip_nonlocal_bind'],
    paths: [{ path: '/etc/a file' }, { path: '/etc/b', reader: 'haproxy.service' }],
  };
  expect(told(tenure.begin(tenant.token, footprint))).toBe(
    `printf '%s\\n' 'path - /etc/a file' 'path haproxy.service /etc/b' 'sysctl net.ipv4.ip_nonlocal_bind' 'unit haproxy.service' 'package haproxy' | sh /var/lib/ha-deploy/ledger.sh begin ${tenant.token} -`,
  );
});

test('those who go back together are told how long adverts may be apart', () => {
  expect(told(tenure.begin(tenant.token, {}, 100))).toMatch(/ begin 0{32} 100$/);
});

test('a fenced script does nothing where the lease is lost', () => {
  expect(tenure.fence(tenant.token, sh`echo ${'a b'}`).reveal()).toBe(
    `exec 9>>/run/ha-deploy-lease/lock; sh /var/lib/ha-deploy/ledger.sh fence ${tenant.token} || exit 113\necho 'a b'`,
  );
});

describe('a lost lease', () => {
  test.each([
    ['renew', tenure.renew(tenant.token, 60)],
    ['record', tenure.record(tenant.token, head, {})],
    ['begin', tenure.begin(tenant.token, {})],
    ['prepare', tenure.prepare(tenant.token, 3)],
    ['finish', tenure.finish(tenant.token)],
    ['confirm', tenure.confirm(tenant.token, 3)],
    ['undo', tenure.undo(tenant.token)],
  ])('is told by %s', (_, { failures }) => {
    expect(failures[1]).toMatchObject({ code: 'LEASE_LOST', hint: expect.stringMatching(/\.$/) as string });
  });

  test('is another thing than a lease that somebody has', () => {
    expect(tenure.take(tenant, 60, adopting).failures).toMatchObject({ 1: { code: 'LEASED' }, 2: { code: 'LEASED' } });
  });
});
