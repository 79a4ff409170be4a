import { describe, expect, test, vi } from 'vitest';
import { config, folder, minimal, ran, withPassword } from './support.js';

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
