import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { config, folder, minimal, ran, withPassword } from '../support.js';

/** What every result has that scripts rely on. */
const result = { schema: 1, event: 'result', command: 'validate' };

describe('validate', () => {
  test('of a good configuration exits with 0', async () => {
    const { exitCode, stdout, stderr } = await ran('validate', '-c', config(minimal));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).not.toBe('');
  });

  test('of a bad one exits with 3, and shows every mistake with its place', async () => {
    const path = config(minimal.replace('vip: 192.0.2.100', 'vpi: 192.0.2.100').replace('8443', '84430'));
    const { exitCode, stderr } = await ran('validate', '-c', path);
    expect(exitCode).toBe(3);
    expect(stderr).toContain(`${path}:2:1`);
    expect(stderr).toContain('services.api.port');
    expect(stderr).not.toMatch(/^ {4}at /m);
  });

  test('of one that is not there exits with 3, and names it', async () => {
    const path = `${folder()}/none.yaml`;
    const { exitCode, stderr } = await ran('validate', '--config', path);
    expect(exitCode).toBe(3);
    expect(stderr).toContain(`${path} does not exist`);
  });

  test('says what would work and should not be', async () => {
    const alone = minimal.replace('  node-102: 192.0.2.102\n', '');
    const { exitCode, events } = await ran('validate', '--json', '-c', config(alone));
    expect(exitCode).toBe(0);
    expect(events).toContainEqual(
      expect.objectContaining({ event: 'warning', message: expect.stringContaining('nodes') as string }),
    );
  });

  test('asks for no secret', async () => {
    vi.stubEnv('HA_DEPLOY_TEST_PASSWORD', undefined);
    expect((await ran('validate', '-c', config(withPassword))).exitCode).toBe(0);
    vi.unstubAllEnvs();
  });
});

describe('the HA rules', () => {
  const statistics = `${minimal}stats: { bind: vip, port: 80 }\n`;

  test('print no warning for the ten lines, and what follows from every fault', async () => {
    const { exitCode, stdout, stderr } = await ran('validate', '-c', config(minimal));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('haproxy-kill, haproxy-stop');
    expect(stdout).not.toMatch(/warning|never/);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  test('tell what warns, where, and what to do', async () => {
    const { exitCode, stdout, events } = await ran('validate', '--json', '-c', config(statistics));
    expect(exitCode).toBe(0);
    expect(stdout).not.toBe('');
    const finding = {
      rule: 'HA017',
      level: 'warning',
      nodes: ['node-101', 'node-102'],
      file: '/etc/haproxy/haproxy.cfg',
      line: expect.any(Number) as number,
      message: 'stats shows statistics on 192.0.2.100, port 80',
      fix: expect.stringContaining('127.0.0.1') as string,
    };
    expect(events).toContainEqual(expect.objectContaining({ event: 'finding', ...finding }));
    expect(events.at(-1)).toMatchObject({ ...result, findings: [finding] });
    expect(events.at(-1)?.['failover']).toHaveLength(12);
    expect(events.filter(({ event }) => event === 'failover')).toHaveLength(12);
  });

  test('tell of an ignored one with its reason, and of an ignore that matches nothing', async () => {
    const ignore = 'lint: { ignore: { HA017: we are among ourselves, HA021: no reason } }\n';
    const { exitCode, stdout, stderr } = await ran('validate', '-c', config(`${statistics}${ignore}`));
    expect(exitCode).toBe(0);
    expect(stdout).toContain('ignored  HA017  stats shows statistics');
    expect(stdout).toContain('fine here: we are among ourselves');
    expect(stdout).toContain('the configuration is valid, 1 ignored');
    expect(stderr).toContain('lint.ignore names HA021, which nothing breaks');
  });

  const ownTemplate = 'templates: { keepalived: ./own.ejs }\n';
  const own = `global_defs {\n  router_id <%= identity %>\n  vrrp_version 3\n}
vrrp_instance web {\n  interface eth0\n  virtual_router_id 7\n  virtual_ipaddress {\n    192.0.2.100\n  }\n}\n`;

  test('read what the operator’s own template makes, and end the run where it cannot fail over', async () => {
    const path = config(`${minimal}${ownTemplate}`, { 'own.ejs': own });
    const { exitCode, stdout, stderr, events } = await ran('validate', '--json', '-c', path);
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: '' });
    expect(stdout).not.toBe('');
    expect(events.at(-1)).toMatchObject({
      ok: false,
      error: { code: 'HA_RULE_BROKEN', problems: [{ rule: 'HA008' }] },
    });
  });

  test.each(['plan', 'up'] as const)('end a %s before a node is contacted', async (command) => {
    const path = config(`${minimal}${ownTemplate}`, { 'own.ejs': own });
    const { exitCode, events } = await ran(command, '--json', '-c', path);
    expect(exitCode).toBe(3);
    expect(events.map(({ event }) => event)).not.toContain('connecting');
    expect(events).toContainEqual(expect.objectContaining({ event: 'finding', rule: 'HA008', level: 'error' }));
    expect(events).toContainEqual(expect.objectContaining({ event: 'warning', rule: 'HA007' }));
    expect(events.at(-1)).toMatchObject({ command, error: { code: 'HA_RULE_BROKEN' } });
  });
});

describe('files by hand', () => {
  const memo = (file: string) => join(import.meta.dirname, '../../../fixtures/lint/memo', file);
  const pair = ['--keepalived', memo('node-101.keepalived.conf'), memo('node-102.keepalived.conf')];

  test('need no configuration, and the memo cannot fail over', async () => {
    const { exitCode, stdout, stderr } = await ran('validate', ...pair, '--haproxy', memo('haproxy.cfg'));
    expect(exitCode).toBe(3);
    expect(stdout).toContain('101 + 0 against 99 + 2 on node-102: a tie');
    expect(stderr).toContain('this would not be highly available: HA001, HA039');
  });

  test('may break rules on purpose', async () => {
    const ignore = ['--ignore', 'HA001=we look after it', 'HA039=set by our base image'];
    const { exitCode, events } = await ran('validate', '--json', ...pair, '--haproxy', memo('haproxy.cfg'), ...ignore);
    expect(exitCode).toBe(0);
    expect(events).toContainEqual(expect.objectContaining({ rule: 'HA039', ignored: 'set by our base image' }));
  });

  test.each([
    ['a file that is not there', ['--keepalived', '/nowhere/a.conf'], 'USAGE'],
    ['a rule that is not there', [...pair, '--ignore', 'HA999=x'], 'USAGE'],
    ['no reason', [...pair, '--ignore', 'HA039='], 'USAGE'],
  ])('%s is refused', async (_, flags, code) => {
    const { exitCode, events } = await ran('validate', '--json', ...flags);
    expect(exitCode).toBe(3);
    expect(events.at(-1)).toMatchObject({ error: { code } });
  });

  test('--haproxy goes with --keepalived', async () => {
    const { exitCode, stderr } = await ran('validate', '-c', config(minimal), '--haproxy', 'a.cfg');
    expect(exitCode).toBe(3);
    expect(stderr).toContain('--haproxy and --ignore go with --keepalived');
  });
});

describe('with --json', () => {
  test('standard output is events, the last of them the result', async () => {
    const { exitCode, stderr, events } = await ran('validate', '--json', '-c', config(minimal));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const last = events.at(-1);
    expect(last).toMatchObject({ ...result, ok: true, exitCode: 0, cluster: 'k8s-api' });
    expect(last).toMatchObject({ durationMs: expect.any(Number) as number, runId: expect.any(String) as string });
    expect(new Date(String(last?.['time'])).toISOString()).toBe(last?.['time']);
  });

  test('the result of a failure has its code, its message and what to do', async () => {
    const path = `${folder()}/none.yaml`;
    const { exitCode, stderr, events } = await ran('validate', '--json', '-c', path);
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: '' });
    expect(events).toEqual([
      expect.objectContaining({
        ...result,
        ok: false,
        exitCode: 3,
        error: {
          code: 'CONFIG_NOT_FOUND',
          message: `${path} does not exist`,
          hint: expect.stringContaining('--config') as string,
        },
      }),
    ]);
  });

  test('so is that of a wrong flag', async () => {
    const { exitCode, events } = await ran('validate', '--json', '--wrong');
    expect(exitCode).toBe(3);
    expect(events.at(-1)).toMatchObject({ event: 'result', ok: false, exitCode: 3, error: { code: 'USAGE' } });
  });
});

describe('colour', () => {
  const escape = '\u001b[';

  async function coloured(environment: Readonly<Record<string, string | undefined>>, ...flags: readonly string[]) {
    for (const name of ['NO_COLOR', 'FORCE_COLOR']) vi.stubEnv(name, environment[name]);
    const { stdout, stderr } = await ran('validate', '-c', `${folder()}/none.yaml`, ...flags);
    vi.unstubAllEnvs();
    return (stdout + stderr).includes(escape);
  }

  test('is none where nobody sees it', async () => {
    expect(await coloured({})).toBe(false);
  });

  test('is there where it is forced', async () => {
    expect(await coloured({ FORCE_COLOR: '1' })).toBe(true);
  });

  test.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    ['NO_COLOR', { FORCE_COLOR: '1', NO_COLOR: '1' }, []],
    ['--no-color', { FORCE_COLOR: '1' }, ['--no-color']],
  ])('is none with %s', async (_, environment, flags) => {
    expect(await coloured(environment, ...flags)).toBe(false);
  });
});

describe('--verbose', () => {
  test('shows where an error came from', async () => {
    const path = `${folder()}/none.yaml`;
    expect((await ran('validate', '-c', path)).stderr).not.toMatch(/^ {4}at /m);
    expect((await ran('validate', '-v', '-c', path)).stderr).toMatch(/^ {4}at /m);
  });
});
