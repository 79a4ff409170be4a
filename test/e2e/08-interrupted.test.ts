import { beforeEach, expect, test } from 'vitest';
import { Desk } from '../support/cli.js';
import { holderAmong, makeBare, pairConfig } from '../support/cluster.js';
import { expectNoStackTrace, type Run, understood } from '../support/contract.js';
import { on, type TestLab, testLab } from '../support/lab.js';

let lab: TestLab;
let desk: Desk;

beforeEach(async () => {
  lab = await testLab();
  await Promise.all(lab.pair.map(makeBare));
  desk = await Desk.open(pairConfig(lab));
});

/** The next run does the rest, and nothing of the lost one is left. */
async function converges(): Promise<void> {
  expect((await desk.run('up')).result).toMatchObject({ exitCode: 0 });
  expect((await desk.run('up')).result).toMatchObject({ exitCode: 0, changed: 0 });
  expect(await holderAmong(lab.pair, lab.vip)).toBe(lab.pair[0]);
  await leftNothing();
}

async function leftNothing(): Promise<void> {
  for (const host of lab.pair) {
    expect(await on(host, "find / -xdev -name '.ha-deploy.*' -o -path /usr/sbin/policy-rc.d")).toBe('');
    expect(await on(host, "find /run -name '*ha-deploy-install*' -o -path '/run/ha-deploy/abort.*'")).toBe('');
    expect(await on(host, 'dpkg --audit')).toBe('');
  }
}

/** Presses Ctrl-C as soon as the run prints this, and sees that it ends cleanly. */
async function interruptedAt(pattern: RegExp): Promise<Run> {
  const run = desk.start('up', '--json');
  await run.untilPrinted(pattern);
  run.kill('SIGINT');
  const ended = await run.ended;
  expectNoStackTrace(ended);
  const understandable = understood('up', ended);
  expect(understandable.result).toMatchObject({
    exitCode: 130,
    error: { code: 'INTERRUPTED', hint: expect.stringMatching(/again/) },
  });
  await leftNothing();
  return understandable;
}

test('Ctrl-C ends a run between two steps, and the next one does the rest', async () => {
  const [first, second] = lab.pair;
  await interruptedAt(/"change-started"/);
  for (const host of lab.pair) {
    expect(await on(host, "dpkg-query -W -f '${db:Status-Status} ' haproxy keepalived")).toBe('installed installed');
    expect(
      await on(host, 'systemctl is-active haproxy keepalived || :'),
      'nothing runs the sample configuration',
    ).not.toMatch(/^active$/m);
  }

  const { result } = await interruptedAt(/"change-started".*"node-101"/);
  expect(result.nodes).toMatchObject({ [first.name]: { outcome: 'reverted' }, [second.name]: { outcome: 'skipped' } });
  expect(await on(second, 'ls -d /etc/keepalived/keepalived.conf /run/ha-deploy/* 2>/dev/null || :')).toBe('');
  await converges();
});

test('a shell that is killed on a node while it installs holds no daemon back, and the next run removes what it left', async () => {
  const [host] = lab.pair;
  const run = desk.start('up', '--json');
  await run.untilPrinted(/"change-output"/);
  const dropIn = '/run/systemd/system/haproxy.service.d/90-ha-deploy-install.conf';
  const condition = (await on(host, `sed -n 's/^ConditionPathExists=!//p' ${dropIn}`)).trim();
  expect(condition).toMatch(/^\/proc\/\d+\/cwd\/\w+$/);
  await on(host, `test -e ${condition} && kill -KILL ${condition.split('/')[2] ?? ''}`);
  expect((await run.ended).exitCode).toBe(1);
  expect(await on(host, `test -e ${dropIn} && ! test -e ${condition} && echo void`)).toBe('void');
  await converges();
});

test('a client that is killed in the middle leaves nothing that the next run does not finish', async () => {
  const run = desk.start('up', '--json');
  await run.untilPrinted(/"change-output"/);
  run.kill('SIGKILL');
  expect((await run.ended).exitCode).toBe(null);
  await converges();
});
