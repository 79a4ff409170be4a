import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Content } from '../../../../src/cluster/secrets/content.js';
import { Secret } from '../../../../src/cluster/secrets/secret.js';
import { Observation } from '../../../../src/facts/observation.js';
import type { QueryOutput } from '../../../../src/remote/runner.js';
import { Shell, sh } from '../../../../src/remote/shell.js';
import { type Triable, trial } from '../../../../src/resources/kinds/trial.js';
import { scratch, shells } from '../support.js';

const path = '/etc/it/it.conf';
const password = new Secret('env P', () => 'hunter2hunter2');

function tried(content: Content, more: Partial<Triable> & { readonly command: Shell }) {
  const { command, ...rest } = more;
  return trial(content, { path, checker: { program: 'cat', command }, ...rest });
}

function answered(requirement: ReturnType<typeof trial>, output: QueryOutput): Observation {
  return new Observation('lb-1', new Map([[requirement.facts[0]?.id ?? '', output]]));
}

function refusal(requirement: ReturnType<typeof trial>, output: QueryOutput): unknown {
  try {
    requirement.check(answered(requirement, output));
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}

describe.each(shells)('a trial, by %s', (shell) => {
  /** With a folder of the test's in place of the host's. */
  function run(requirement: ReturnType<typeof trial>): QueryOutput & { readonly left: readonly string[] } {
    const folder = scratch();
    const script = (requirement.facts[0]?.command.reveal() ?? '').replaceAll('/var/lib', folder);
    try {
      const stdout = execFileSync(shell, ['-c', script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
      return { exitCode: 0, stdout, left: readdirSync(folder) };
    } catch (thrown) {
      const { status, stdout } = thrown as { status: number; stdout: string };
      return { exitCode: status, stdout, left: readdirSync(folder) };
    }
  }

  test('of what is accepted says nothing, and leaves nothing', () => {
    const requirement = tried(Content.of('one\n'), { command: sh`grep -qx one "$candidate"` });
    const output = run(requirement);
    expect(output).toEqual({ exitCode: 0, stdout: '', left: [] });
    expect(refusal(requirement, output)).toBeUndefined();
  });

  test('of what is rejected says what and where, by the names that the files will have', () => {
    const command = Shell.literal('echo "[$candidate:2] : no"; echo "$candidate.abcdEFGH: Line 2 too"; false');
    const requirement = tried(Content.of('one\n  two three\n'), { command });
    const output = run(requirement);
    expect(output.left).toEqual([]);
    expect(refusal(requirement, output)).toMatchObject({
      code: 'FILE_REFUSED',
      exitCode: 7,
      message: `lb-1 does not accept the new ${path} at line 2, \`two three\``,
      details: { node: 'lb-1', resource: `file:${path}`, output: `[${path}:2] : no\n${path}: Line 2 too` },
    });
  });

  test('names the files beside it as they stand there, which the host need not have', () => {
    const beside = [
      { path: '/etc/it/key', content: new Content(['key ', password, '\n']) },
      { path: '/etc/it/key.pem', content: Content.of('pem\n') },
    ];
    const command = Shell.literal('cat $(cat "$candidate") && test "$(stat -c %a "$folder/etc/it/key")" = 700; exit 1');
    const requirement = tried(Content.of('/etc/it/key /etc/it/key.pem\n'), { command, beside });
    const error = refusal(requirement, run(requirement));
    expect(error).toMatchObject({ details: { output: 'key <secret: env P>\npem' } });
    expect(existsSync('/etc/it/key')).toBe(false);
  });

  test('lets root stand in for an account that there will be', () => {
    const command = Shell.literal('cat "$candidate"; false');
    const requirement = tried(Content.of('user it-does.not-exist\nuser nobody\n'), {
      command,
      account: 'it-does.not-exist',
    });
    expect(refusal(requirement, run(requirement))).toMatchObject({ details: { output: 'user root\nuser nobody' } });
    const known = trial(Content.of('user nobody\n'), {
      path,
      checker: { program: 'cat', command },
      account: 'nobody',
    });
    expect(refusal(known, run(known))).toMatchObject({ details: { output: 'user nobody' } });
  });

  test('is none where the checker is not installed', () => {
    const requirement = trial(Content.of('one\n'), {
      path,
      checker: { program: 'it-is-not-installed', command: Shell.literal('false') },
    });
    expect(refusal(requirement, run(requirement))).toBeUndefined();
  });

  test('takes away what a power cut has left of another', () => {
    const folder = scratch();
    const left = join(folder, '.ha-deploy-trial.abcdefgh');
    mkdirSync(left);
    utimesSync(left, 1, 1);
    const requirement = tried(Content.of('one\n'), { command: Shell.literal('true') });
    const script = (requirement.facts[0]?.command.reveal() ?? '').replaceAll('/var/lib', folder);
    execFileSync(shell, ['-c', script]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('is none where there is no room for it', () => {
    const requirement = tried(Content.of('one\n'), { command: Shell.literal('false') });
    const fact = requirement.facts[0];
    const script = (fact?.command.reveal() ?? '').replaceAll('/var/lib', join(scratch(), 'gone'));
    expect(() => execFileSync(shell, ['-c', script], { stdio: 'pipe' })).toThrow(
      expect.objectContaining({ status: 75 }),
    );
  });
});

test.each([
  [
    'its key',
    (line: string) => (line === 'two' ? 'services.web.extra' : undefined),
    'That line is of services.web.extra',
  ],
  ['nobody', () => undefined, 'Its own checker says so'],
])('a line of the operator is told by %s', (_, originOf, hint) => {
  const requirement = tried(Content.of('one\n  two\n'), { command: Shell.literal('false'), originOf });
  const error = refusal(requirement, { exitCode: 65, stdout: `/tmp/x\n/tmp/x${path}:2 no\n` });
  expect(error).toMatchObject({ details: { hint: expect.stringContaining(hint) as string } });
});

test.each(['/tmp/x\nno\n', `/tmp/x\n/tmp/x${path}:99 no\n`, ''])(
  'a rejection without a line that there is: %j',
  (stdout) => {
    const requirement = tried(Content.of('one\n'), { command: Shell.literal('false') });
    expect(refusal(requirement, { exitCode: 65, stdout })).toMatchObject({
      message: `lb-1 does not accept the new ${path}`,
    });
  },
);

test.each([1, 2, 127, 143])('one that ends with %i has not been', (exitCode) => {
  const requirement = tried(Content.of('one\n'), { command: Shell.literal('false') });
  expect(refusal(requirement, { exitCode, stdout: '' })).toMatchObject({ code: 'FACT_UNREADABLE' });
});
