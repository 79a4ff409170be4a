import { describe, expect, test } from 'vitest';
import { ran } from './support.js';

describe('wrong usage exits with 3, says what is wrong on standard error, and nothing on standard output', () => {
  test.each([
    [['upp'], "unknown command 'upp'"],
    [['up', '--alow-outage'], "unknown option '--alow-outage'"],
    [['up', '--dry-run'], '`ha-deploy plan` says what `up` would do'],
    [['status', '--node=lb-1'], 'Nodes are named with `--limit <node>`'],
    [['verify', '-f', 'lb.yaml'], 'The configuration is named with `-c <file>`'],
    [['up', '--force'], '`up` does not ask'],
    [['rollback', '--dry-run'], '`ha-deploy rollback --preview` shows'],
    [['apply'], '`ha-deploy up` does that'],
    [['check'], '`ha-deploy validate` checks'],
    [['plan', '--config'], "option '-c, --config <file>' argument missing"],
    [['validate', 'one', 'two'], 'too many arguments'],
    [['up', 'lb.yaml'], 'The configuration is named with `-c <file>`'],
    [['render', '--out'], 'argument missing'],
    [['status', '--interval', '2'], 'It is a number and a unit, such as 500ms, 2s or 1m'],
    [['status', '--interval', '5ms'], '100ms at least'],
    [
      ['drill', '-c', 'examples/minimal.yaml', '--fault', 'haproxy-kil', '--fault', 'haproxy-kill'],
      'there is no fault haproxy-kil',
    ],
    [['drill', '-c', 'examples/minimal.yaml', '--fault', 'saturated'], 'planned, saturate.'],
  ])('%j', async (argv, message) => {
    const { exitCode, stdout, stderr } = await ran(...argv);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toContain(message);
  });

  test('a habit of another tool is not told a near word that means something else', async () => {
    expect((await ran('up', '--force')).stderr).not.toContain('--forget');
    expect((await ran('check')).stderr).not.toContain('schema');
  });

  test('a misspelt word is told the right one', async () => {
    expect((await ran('verfy')).stderr).toContain('(Did you mean verify?)');
    expect((await ran('up', '--alow-outage')).stderr).toContain('(Did you mean --allow-outage?)');
  });

  test('no command at all', async () => {
    const { exitCode, stdout, stderr } = await ran();
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toContain('Usage: ha-deploy');
  });
});

describe('help exits with 0', () => {
  test('of the program names every command', async () => {
    const { exitCode, stdout } = await ran('--help');
    expect(exitCode).toBe(0);
    for (const command of ['validate', 'render', 'plan', 'up', 'verify', 'status', 'schema'])
      expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
  });

  test.each(['validate', 'render', 'plan', 'up', 'verify', 'status'])(
    'of %s has the flags of the contract',
    async (command) => {
      const { exitCode, stdout } = await ran(command, '--help');
      expect(exitCode).toBe(0);
      for (const flag of ['-c, --config <file>', '--json', '--no-color', '-v, --verbose'])
        expect(stdout).toContain(flag);
    },
  );
});

test('schema prints the JSON Schema of the configuration, and nothing else', async () => {
  const { exitCode, stdout, stderr } = await ran('schema');
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  const schema: unknown = JSON.parse(stdout);
  expect(schema).toMatchObject({
    $schema: expect.stringContaining('json-schema.org') as string,
    type: 'object',
    required: expect.arrayContaining(['name', 'vip', 'nodes', 'services']) as string[],
    properties: { vrrp: { properties: { routerId: { description: expect.any(String) as string } } } },
  });
});
