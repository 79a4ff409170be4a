import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { Desk } from '../support/cli.js';
import { changesOf, convergedPair, doneOn, makeBare, pairConfig, roles } from '../support/cluster.js';
import { on, type TestLab, testLab } from '../support/lab.js';
import { mainPid, untouched } from '../support/portrait.js';

const file = 'monday.json';
const haproxyConfig = '/etc/haproxy/haproxy.cfg';

let lab: TestLab;

beforeAll(async () => {
  lab = await testLab();
});

/** A desk whose pair is right, and a configuration there that wants something else. */
async function changedDesk(maxConnections: number): Promise<Desk> {
  const desk = await convergedPair(lab);
  await desk.write({ ...pairConfig(lab), haproxy: { maxConnections } });
  return desk;
}

describe('a plan that was saved', () => {
  test('is for its owner alone, and is applied exactly, the holder last', async () => {
    const desk = await changedDesk(11_111);
    const { holder, backup } = await roles(lab);
    const planned = await untouched(lab.pair, async () => desk.run('plan', '--out', file, '--detailed-exitcode'));
    expect(planned.result).toMatchObject({ exitCode: 2, planFile: file });
    expect((await stat(join(desk.folder, file))).mode & 0o777).toBe(0o600);

    const applied = await desk.run('up', '--plan', file);
    expect(applied.result).toMatchObject({ exitCode: 0, changed: planned.result.changed });
    for (const host of lab.pair) {
      expect(changesOf(applied, host)).toEqual(changesOf(planned, host));
      expect(doneOn(applied, host)).toEqual(changesOf(planned, host));
    }
    const touched = applied.events.flatMap(({ event, node }) => (event === 'change-started' && node ? [node] : []));
    expect([...new Set(touched)]).toEqual([backup.name, holder.name]);
  });

  test('is told in words, with what to call next', async () => {
    const desk = await changedDesk(12_222);
    const { holder, backup } = await roles(lab);
    const { stdout } = await desk.plain('plan', '--out', file);
    expect(stdout).toContain(`Load balancer: ${backup.name}, then ${holder.name}`);
    expect(stdout).toContain(`${holder.name}  HAProxy is reloaded: no connection is cut`);
    expect(stdout).toContain(`${lab.vip} stays on ${holder.name}`);
    expect(stdout).toContain(`\`ha-deploy up --plan ${file}\``);
  });

  test('is refused when a node has drifted since, and nothing is touched', async () => {
    const desk = await changedDesk(13_333);
    const { holder } = await roles(lab);
    await desk.run('plan', '--out', file);
    await on(holder, `echo '# by hand' >>${haproxyConfig}`);
    const { result, events } = await untouched(lab.pair, async () => desk.run('up', '--plan', file));
    expect(result).toMatchObject({ exitCode: 7, error: { code: 'STALE_PLAN', node: holder.name } });
    expect(events).toContainEqual(
      expect.objectContaining({ event: 'difference', node: holder.name, resource: `file:${haproxyConfig}` }),
    );
  });

  test('holds when the VIP has moved and a daemon is another process since', async () => {
    const desk = await changedDesk(14_444);
    const { holder, backup } = await roles(lab);
    await desk.run('plan', '--out', file);
    const before = await mainPid(holder, 'keepalived');
    await on(holder, 'systemctl restart keepalived');
    expect(await mainPid(holder, 'keepalived')).not.toBe(before);
    // Without preemption the other node keeps what it took over.
    expect((await roles(lab)).holder.name).toBe(backup.name);
    expect((await desk.run('up', '--plan', file)).result).toMatchObject({ exitCode: 0 });
  });

  test('is refused when the configuration has changed since', async () => {
    const desk = await changedDesk(15_555);
    await desk.run('plan', '--out', file);
    await desk.write({ ...pairConfig(lab), haproxy: { maxConnections: 16_666 } });
    const { result, events } = await untouched(lab.pair, async () => desk.run('up', '--plan', file));
    expect(result).toMatchObject({ exitCode: 7, error: { code: 'STALE_PLAN' } });
    expect(events.find(({ event }) => event === 'difference')).toMatchObject({ now: 'another configuration' });
  });

  test('of a bare node says that its versions are supposed, and is carried through', async () => {
    const desk = await convergedPair(lab);
    const { backup } = await roles(lab);
    await makeBare(backup);
    const planned = await desk.run('plan', '--out', file);
    expect(planned.events).toContainEqual(
      expect.objectContaining({
        event: 'course',
        supposed: [{ node: backup.name, what: 'the versions that its release comes with' }],
      }),
    );
    expect((await desk.run('up', '--plan', file)).result).toMatchObject({ exitCode: 0 });
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0, changed: 0 });
  });

  test('has no secret in it, and shows that one has changed', async () => {
    const stats = { port: 8080, bind: 'vip', auth: { user: 'admin', password: { env: 'STATS_PASSWORD' } } };
    const config = { ...pairConfig(lab), stats };
    const first = await Desk.open(config, { STATS_PASSWORD: 'hunter2-first' });
    expect((await first.run('up')).result).toMatchObject({ exitCode: 0 });
    const second = await Desk.open(config, { STATS_PASSWORD: 'hunter2-second' });
    const { stdout, stderr } = await second.plain('plan', '--out', file);
    const text = await readFile(join(second.folder, file), 'utf8');
    for (const shown of [stdout, stderr, text]) expect(shown).not.toContain('hunter2');
    expect(stdout).toContain('<secret: env STATS_PASSWORD> (changed)');
  });
});
