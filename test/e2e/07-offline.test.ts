import { spawnSync } from 'node:child_process';
import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { Desk } from '../support/cli.js';

/** A cluster on addresses that nobody has (RFC 5737): what contacts its nodes would fail differently. */
const config = {
  name: 'offline',
  vip: '192.0.2.100',
  ssh: { user: 'ops' },
  nodes: { 'node-101': '192.0.2.101', 'node-102': '192.0.2.102' },
  services: { api: { port: 8443, servers: ['192.0.2.101:6443'] } },
};

interface Mistake {
  readonly what: string;
  readonly config: object | string;
  readonly says: readonly RegExp[];
}

const mistakes: readonly Mistake[] = [
  { what: 'no YAML', config: 'name: [\n', says: [/ha-deploy\.yaml:\d+:\d+/] },
  { what: 'an empty file', config: '', says: [/ha-deploy\.yaml:1:1/] },
  {
    what: 'an unknown key',
    config: { ...config, service: {} },
    says: [/ha-deploy\.yaml:\d+:1/, /service/, /services/],
  },
  {
    what: 'a bad address',
    config: { ...config, vip: '192.0.2.300' },
    says: [/ha-deploy\.yaml:2:6/, /vip/, /192\.0\.2\.300/],
  },
  {
    what: 'a VIP that is the address of a node',
    config: { ...config, vip: '192.0.2.101' },
    says: [/192\.0\.2\.101/, /node-101/],
  },
  {
    what: 'two nodes with one address',
    config: { ...config, nodes: { 'node-101': '192.0.2.101', 'node-102': '192.0.2.101' } },
    says: [/node-102/, /192\.0\.2\.101/],
  },
  {
    what: 'everything that is wrong at once',
    config: { ...config, vip: 'nonsense', extra: 1, services: { api: { port: 99_999, servers: [] } } },
    says: [/nonsense/, /extra/, /services\.api\.port/, /services\.api\.servers/],
  },
];

describe('a configuration that is wrong', () => {
  test.each(mistakes)('$what: says where, before anything is contacted', async ({ config: text, says }) => {
    const desk = await Desk.open(text);
    const { exitCode, stdout, stderr } = await desk.plain('validate');
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    for (const pattern of says) expect(stderr).toMatch(pattern);
    for (const command of ['validate', 'render', 'plan', 'up', 'verify']) {
      const { result } = await desk.run(command);
      expect(result).toMatchObject({ exitCode: 3, error: { code: 'CONFIG_INVALID' } });
    }
  });

  test('it is missing: says so, and how to name another', async () => {
    const desk = await Desk.open();
    const { result } = await desk.run('up');
    expect(result).toMatchObject({
      exitCode: 3,
      error: { code: 'CONFIG_NOT_FOUND', hint: expect.stringContaining('--config') },
    });
    expect(await desk.plain('validate', '--config', 'other.yaml')).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('other.yaml'),
    });
  });

  test('a template that does not render: names the template and the line, before anything is contacted', async () => {
    const desk = await Desk.open({ ...config, templates: { haproxy: './haproxy.ejs' } });
    await desk.put('haproxy.ejs', 'global\n  node <%= node.nmae.length %>\n');
    for (const command of ['render', 'up', 'plan']) {
      const { result } = await desk.run(command);
      expect(result).toMatchObject({
        exitCode: 3,
        error: { code: 'TEMPLATE_FAILED', message: expect.stringMatching(/haproxy\.ejs/) },
      });
    }
  });

  test('a secret that cannot be had: says which', async () => {
    const vrrp = { version: 2, auth: { type: 'AH', password: { env: 'NO_SUCH_SECRET' } } };
    const { result } = await (await Desk.open({ ...config, vrrp })).run('up');
    expect(result).toMatchObject({
      exitCode: 3,
      error: { code: 'SECRET_UNAVAILABLE', message: expect.stringContaining('NO_SUCH_SECRET') },
    });
  });
});

test.each(['verify', 'status'])('%s asks for no secret but those of a login', async (command) => {
  const stats = { auth: { user: 'admin', password: { env: 'NO_SUCH_SECRET' } } };
  const { result } = await (await Desk.open({ ...config, stats })).run(command);
  // Nobody lets it in there.
  expect(result.exitCode).toBe(4);
});

describe('a configuration that is right', () => {
  test('validate says so', async () => {
    const desk = await Desk.open(config);
    expect(await desk.plain('validate')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('valid'),
      stderr: '',
    });
    expect((await desk.run('validate')).result).toMatchObject({ exitCode: 0, command: 'validate' });
  });

  test('one node is enough, with a warning', async () => {
    const desk = await Desk.open({ ...config, nodes: { 'node-101': '192.0.2.101' } });
    const { events, result } = await desk.run('validate');
    expect(result.exitCode).toBe(0);
    expect(events).toContainEqual(
      expect.objectContaining({
        event: 'warning',
        message: expect.stringMatching(/^ha-deploy\.yaml:\d+:1  nodes: found one node/),
      }),
    );
  });

  test('render writes what up would, a folder for each node', async () => {
    const desk = await Desk.open({
      ...config,
      nodes: { 'node-101': { address: '192.0.2.101', interface: 'eth7' }, 'node-102': '192.0.2.102' },
    });
    expect((await desk.run('render', '--out', 'out')).result.exitCode).toBe(0);
    const read = async (path: string) => readFile(join(desk.folder, 'out', path), 'utf8');
    expect(await read('node-101/etc/haproxy/haproxy.cfg')).toContain('bind 192.0.2.100:8443\n');
    expect(await read('node-101/etc/keepalived/keepalived.conf')).toContain('192.0.2.100/32 dev eth7\n');
    expect(await read('node-102/etc/keepalived/keepalived.conf')).toContain('unicast_src_ip 192.0.2.102\n');
  });

  test('the schema is the one that the file is checked against', async () => {
    const { exitCode, stdout } = await (await Desk.open()).plain('schema');
    expect(exitCode).toBe(0);
    const schema = JSON.parse(stdout) as { properties: Record<string, unknown>; additionalProperties: unknown };
    expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(Object.keys(config)));
    expect(schema.additionalProperties).toBe(false);
  });
});

describe('the command line', () => {
  test.each([
    [['--version'], /^\d+\.\d+\.\d+\n$/],
    [['--help'], /Usage: ha-deploy[^]*\bup\b[^]*\bverify\b/],
    [['up', '--help'], /--allow-outage/],
  ])('%j answers', async (parameters, pattern) => {
    const { exitCode, stdout } = await (await Desk.open()).plain(...parameters);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(pattern);
  });

  test.each([
    [['upp'], /unknown command[^]*up/i],
    [['up', '--jsn'], /unknown option[^]*--json/i],
    [['up', '--config'], /argument missing/i],
    [['validate', 'something'], /too many arguments/i],
  ])('%j is refused', async (parameters, pattern) => {
    const { exitCode, stdout, stderr } = await (await Desk.open(config)).plain(...parameters);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toMatch(pattern);
  });

  test('without a command, it says what there is', async () => {
    const { exitCode, stdout, stderr } = await (await Desk.open()).plain();
    expect(exitCode).toBe(3);
    expect(stdout + stderr).toMatch(/Usage: ha-deploy/);
  });
});

const unremarkable = /^(?!.*internal error)/s;

/** A shell makes the surroundings what they are, before it runs the program as `"$@"` in the folder of the configuration. */
const surroundings: readonly [what: string, prelude: string, exitCode: number, stderr: RegExp][] = [
  ['no HOME', 'unset HOME', 0, unremarkable],
  ['an empty HOME', 'HOME=', 0, unremarkable],
  ['a HOME that is not there', 'HOME=/nonexistent', 0, unremarkable],
  ['a HOME and a folder that are read-only', 'chmod 500 .', 0, unremarkable],
  ['no PATH but to Node.js', 'PATH=$(dirname "$(command -v node)")', 0, unremarkable],
  ['no locale', 'unset LANG LC_ALL', 0, unremarkable],
  ['a locale that is not UTF-8', 'export LC_ALL=de_DE.ISO-8859-1', 0, unremarkable],
  ['no temporary folder', 'export TMPDIR=/nonexistent', 0, unremarkable],
  ['a terminal without width', 'export COLUMNS=0', 0, unremarkable],
  ['a terminal of one column', 'export COLUMNS=1', 0, unremarkable],
  ['a width that is no number', 'export COLUMNS=-5x', 0, unremarkable],
  ['a terminal that nobody knows', 'export TERM=none FORCE_COLOR=1', 0, unremarkable],
  ['64 open files', 'ulimit -n 64', 0, unremarkable],
  [
    'proxies',
    'export http_proxy=http://192.0.2.9:1 https_proxy=http://192.0.2.9:1 ALL_PROXY=socks5://192.0.2.9:1',
    0,
    unremarkable,
  ],
  ['standard input that is closed', 'exec <&-', 0, unremarkable],
  ['a folder that is gone', 'mkdir gone; cd gone; rmdir ../gone', 3, /the current folder is not there any more/],
  [
    'a folder that is gone, by an absolute path',
    'set -- "$@" -c "$PWD/ha-deploy.yaml"; mkdir gone; cd gone; rmdir ../gone',
    0,
    unremarkable,
  ],
];

describe('in surroundings with', () => {
  test.each(surroundings)('%s, validate works or says why not', async (_, prelude, exitCode, stderr) => {
    const { folder } = await Desk.open(config);
    await chmod(folder, 0o755);
    await chmod(join(folder, 'ha-deploy.yaml'), 0o644);
    const ended = spawnSync('sh', ['-c', `${prelude}\n"$@"`, 'sh', process.execPath, inject('product'), 'validate'], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder },
      encoding: 'utf8',
    });
    await chmod(folder, 0o700);
    expect({ exitCode: ended.status, says: ended.stderr }).toEqual({
      exitCode,
      says: expect.stringMatching(stderr) as unknown,
    });
    expect(ended.stderr).not.toMatch(/internal error|\n {4}at /);
  });
});
