import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Hold, heldUnits, holdOf } from '../../../../src/facts/host/held-units.js';
import { holdUnits, noHeldUnits } from '../../../../src/resources/kinds/held-units.js';
import { run } from '../../../support/ssh/local-shell.js';
import { hostWith } from '../../facts/support.js';
import { onlyChange, said, scratch, shells } from '../support.js';

const units = ['haproxy.service', 'keepalived.service'];

/** A folder in place of /run, and a systemd of which keepalived is active. */
class Host {
  readonly folder = scratch();
  readonly programs = join(this.folder, 'programs');

  constructor() {
    mkdirSync(this.programs);
    const systemctl = `#!/bin/sh\necho "$*" >> ${this.folder}/calls\n[ "$*" != "is-active --quiet haproxy.service" ]\n`;
    writeFileSync(join(this.programs, 'systemctl'), systemctl, { mode: 0o755 });
  }

  get env(): NodeJS.ProcessEnv {
    return { PATH: `${this.programs}:${process.env['PATH']}` };
  }

  here(text: string): string {
    return text.replaceAll('/run/', `${this.folder}/run/`);
  }

  /** What systemd looks for, and does not start the unit while it is there. */
  get conditions(): readonly string[] {
    return units.flatMap((unit) => {
      const path = this.here(holdOf(unit));
      if (!existsSync(path)) return [];
      const [, condition] =
        /^\[Unit\]\nConditionPathExists=!(\/proc\/\d+\/cwd\/\w{12})\n$/.exec(readFileSync(path, 'utf8')) ?? [];
      return [condition ?? 'no condition'];
    });
  }

  get left(): readonly string[] {
    return existsSync(this.here('/run/')) ? readdirSync(this.here('/run/'), { recursive: true }).map(String) : [];
  }

  async hold(): Promise<Hold> {
    const fact = heldUnits(units);
    const { exitCode, stdout } = await run(this.here(fact.command.reveal()));
    return fact.parse({ exitCode: exitCode ?? 1, stdout: stdout.toString() });
  }

  /** A step that holds the units until its standard input ends, in a subshell as steps are. */
  async holds(shell: string): Promise<ChildProcess> {
    const script = `(\n${this.here(holdUnits(units, 74).reveal())}\necho held\nread -r line\n)\necho "exit $?"`;
    const child = spawn(shell, ['-c', script], { env: this.env });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    return child;
  }
}

describe.each(shells)('units that are held, by %s', (shell) => {
  test('are those that do not run, until the step ends', async () => {
    const host = new Host();
    expect(await host.hold()).toBe('none');
    const step = await host.holds(shell);
    expect(host.conditions.map((path) => existsSync(path))).toEqual([true]);
    expect(await host.hold()).toBe('at work');
    step.stdin?.end('\n');
    await once(step, 'close');
    expect(host.left.filter((name) => name.includes('ha-deploy'))).toEqual([]);
    expect(await host.hold()).toBe('none');
  });

  test('are free when the shell is killed, also for another process of its number', async () => {
    const host = new Host();
    const step = await host.holds(shell);
    const [condition = ''] = host.conditions;
    const pid = Number(/\d+/.exec(condition)?.[0]);
    expect(pid).not.toBe(step.pid);
    process.kill(pid, 'SIGKILL');
    await once(step, 'close');
    expect(host.conditions).toEqual([condition]);
    expect(existsSync(condition)).toBe(false);
    expect(existsSync(condition.replace(`/${pid}/`, `/${process.pid}/`))).toBe(false);
    expect(await host.hold()).toBe('left');

    const leftover = onlyChange(noHeldUnits(units), hostWith({ 'held-units': 'left' }));
    const { exitCode } = await run(host.here(leftover.step.script.reveal()), { env: host.env });
    expect(exitCode).toBe(0);
    expect(host.left.filter((name) => name.includes('ha-deploy'))).toEqual([]);
  });
});

test('a drop-in of before, which names a process alone, holds nothing that is to stay', async () => {
  const host = new Host();
  mkdirSync(join(host.here(holdOf('haproxy.service')), '..'), { recursive: true });
  writeFileSync(host.here(holdOf('haproxy.service')), `[Unit]\nConditionPathExists=!/proc/${process.pid}\n`);
  expect(await host.hold()).toBe('left');
});

test('what is left is removed, and what is at work is left alone', () => {
  const plan = (hold: Hold) => said(noHeldUnits(units).plan(hostWith({ 'held-units': hold === 'none' ? '' : hold })));
  expect(plan('left')).toEqual(['remove directory:/run/ha-deploy-install: a run was lost while it installed packages']);
  expect([plan('none'), plan('at work')]).toEqual([[], []]);
});
