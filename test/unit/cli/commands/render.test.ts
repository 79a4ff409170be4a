import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { paths } from '../../../../playbooks/paths.js';
import { config, folder, minimal, ran, withPassword } from '../support.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('render', () => {
  test('writes the files of every node below a folder', async () => {
    const out = join(folder(), 'new');
    const { exitCode, events } = await ran('render', '--json', '--out', out, '-c', config(minimal));
    expect(exitCode).toBe(0);
    expect(readdirSync(out).toSorted()).toEqual(['node-101', 'node-102']);
    const written = events.flatMap((event) => (event['event'] === 'rendered' ? [event['writtenTo']] : []));
    expect(written).toContain(join(out, 'node-101', paths.haproxyConfig));
    for (const path of written) expect(readFileSync(String(path), 'utf8')).not.toBe('');
    expect(readFileSync(join(out, 'node-102', paths.haproxyConfig), 'utf8')).toContain('node node-102');
    expect(readFileSync(join(out, 'node-101', paths.keepalivedConfig), 'utf8')).toContain('interface eth0');
  });

  test('prints them where no folder is given', async () => {
    const { exitCode, stdout } = await ran('render', '-c', config(minimal));
    expect(exitCode).toBe(0);
    expect(stdout).toContain(paths.keepalivedConfig);
    expect(stdout).toContain('virtual_router_id 51');
  });

  test('says where an interface is only known on the node', async () => {
    const { events } = await ran('render', '--json', '-c', config(minimal));
    const warnings = events.filter(({ event }) => event === 'warning');
    expect(warnings.slice(1)).toMatchObject([
      { node: 'node-102', message: expect.stringContaining('<interface>') as string },
    ]);
  });

  test('renders for a release, and says that its versions are assumed', async () => {
    const file = config(minimal);
    const older = await ran('render', '--json', '-c', file);
    const newer = await ran('render', '--json', '--release', 'debian:13', '-c', file);
    const warning = (run: typeof older) => run.events.find(({ event }) => event === 'warning')?.['message'];
    expect(warning(older)).toBe('the versions are assumed: HAProxy 2.4.30 and keepalived 2.2.4, as in ubuntu:22.04');
    expect(warning(newer)).toBe('the versions are assumed: HAProxy 3.0.11 and keepalived 2.3.3, as in debian:13');
    expect(older.stdout).not.toContain('unicast_fault_no_peer');
    expect(newer.stdout).toContain('unicast_fault_no_peer');
  });

  test('refuses a release that it does not know, and lists those that it knows', async () => {
    const { exitCode, events } = await ran('render', '--json', '--release', 'debian:9', '-c', config(minimal));
    expect(exitCode).toBe(3);
    expect(events.at(-1)).toMatchObject({
      error: { code: 'USAGE', hint: expect.stringContaining('debian:11') as string },
    });
  });

  test('shows no secret, neither in files nor on the screen', async () => {
    vi.stubEnv('HA_DEPLOY_TEST_PASSWORD', 'hunter2-hunter2');
    const out = folder();
    const path = config(withPassword);
    const screen = [await ran('render', '-c', path), await ran('render', '--json', '--out', out, '-c', path)];
    const text = readFileSync(join(out, 'node-101', paths.haproxyConfig), 'utf8');
    expect(text).toContain('stats auth admin:<secret: env HA_DEPLOY_TEST_PASSWORD>');
    for (const { exitCode, stdout, stderr } of screen) {
      expect(exitCode).toBe(0);
      expect(stdout + stderr + text).not.toContain('hunter2-hunter2');
    }
  });

  test('needs its secrets', async () => {
    vi.stubEnv('HA_DEPLOY_TEST_PASSWORD', undefined);
    const { exitCode, events } = await ran('render', '--json', '-c', config(withPassword));
    expect(exitCode).toBe(3);
    expect(events.at(-1)).toMatchObject({ ok: false, error: { code: 'SECRET_UNAVAILABLE' } });
  });

  test.each([
    ['a file', (file: string) => file],
    ['below a file', (file: string) => join(file, 'folder')],
    ['where no folder can be made', () => '/proc/ha-deploy'],
  ])('says so where it cannot write: %s', async (_, out) => {
    const file = config(minimal);
    const { exitCode, stderr } = await ran('render', '--out', out(file), '-c', file);
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/cannot be written \((ENOTDIR|EEXIST|ENOENT|EACCES)\)/);
    expect(stderr).not.toMatch(/^ {4}at /m);
  });
});

describe('what is wrong with the configuration is said before any node is contacted', () => {
  /** Nothing listens there; but nobody is to try. */
  const broken = `${minimal}templates: { haproxy: ./broken.ejs }\n`;

  test.each(['plan', 'up'])('%s: a template that does not render', async (command) => {
    const path = config(broken, { 'broken.ejs': 'description <%= identity %>\n<%= nothing %>\n' });
    const { exitCode, events } = await ran(command, '--json', '-c', path);
    expect(exitCode).toBe(3);
    expect(events.map(({ event }) => event)).not.toContain('connecting');
    expect(events.at(-1)).toMatchObject({ command, error: { code: 'TEMPLATE_FAILED' } });
  });

  test.each(['plan', 'up'])('%s: a secret that is not there', async (command) => {
    vi.stubEnv('HA_DEPLOY_TEST_PASSWORD', undefined);
    const { exitCode, events } = await ran(command, '--json', '-c', config(withPassword));
    expect(exitCode).toBe(3);
    expect(events.map(({ event }) => event)).not.toContain('connecting');
    expect(events.at(-1)).toMatchObject({ command, error: { code: 'SECRET_UNAVAILABLE' } });
  });

  test.each([['rollback'], ['failover'], ['unlock', '--yes'], ['maintenance', 'on', 'node-101']])(
    '%s writes none of it, and needs none',
    async (...command) => {
      vi.stubEnv('HA_DEPLOY_TEST_PASSWORD', undefined);
      // Nothing listens there.
      const path = config(
        withPassword
          .replace('{ address: 192.0.2.101, interface: eth0 }', '{ address: 192.0.2.101, ssh: { host: 127.0.0.1 } }')
          .replace('node-102: 192.0.2.102', 'node-102: { address: 192.0.2.102, ssh: { host: 127.0.0.2 } }')
          .concat('ssh: { port: 1 }\n'),
      );
      const { events } = await ran(...command, '--json', '-c', path);
      expect(events.map(({ event }) => event)).toContain('started');
    },
  );
});
