import { describe, expect, test } from 'vitest';
import { Shell } from '../../../../src/remote/shell.js';
import { type AptPackages, aptPackages } from '../../../../src/resources/kinds/apt-packages.js';
import { captured, hostWith, printed } from '../../facts/support.js';
import { goldenStep, runStep, said, shells } from '../support.js';

const wanted: AptPackages = {
  names: ['haproxy', 'keepalived'],
  heldUnits: ['haproxy.service', 'keepalived.service'],
  lockTimeout: 300,
};
const resource = aptPackages(wanted);

function host(answer: ReturnType<typeof printed>) {
  return hostWith({ packages: answer });
}

describe('packages', () => {
  test.each(['packages/bullseye-installed', 'packages/bookworm-installed', 'packages/trixie-installed'])(
    'that are installed need nothing: %s',
    (name) => {
      expect(resource.plan(host(captured(name)))).toEqual([]);
    },
  );

  test.each([
    ['packages/bookworm-bare', 1, ['create package:haproxy: install', 'create package:keepalived: install']],
    ['packages/trixie-removed', 0, ['create package:keepalived: install (dpkg says config-files)']],
    ['packages/bullseye-unpacked', 0, ['create package:keepalived: install (dpkg says unpacked)']],
  ] as const)('that are not are installed: %s', (name, exitCode, expected) => {
    expect(said(resource.plan(host(captured(name, exitCode))))).toEqual(expected);
  });

  test.each(['half-configured', 'half-installed', 'triggers-awaited', 'not-installed'])('that are %s too', (status) => {
    const answer = `haproxy\t2.6.12-1\t${status}\nkeepalived\t1:2.2.7-1\tinstalled\n`;
    expect(resource.plan(host(printed(answer)))).toHaveLength(1);
  });

  test('that are unpacked need no room, others do', () => {
    const bytesOf = (name: string, exitCode: number) =>
      resource.plan(host(captured(name, exitCode))).map(({ bytes }) => bytes);
    expect(bytesOf('packages/bullseye-unpacked', 0)).toEqual([0]);
    expect(bytesOf('packages/trixie-removed', 0)).toEqual([64 * 1024 * 1024]);
  });

  test('that are missing are installed by one run of apt', () => {
    const [first, second] = resource.plan(host(printed('', 1)));
    expect(second?.step).toBe(first?.step);
  });

  test('that are installed are not named to apt, which would upgrade them', () => {
    const [change] = resource.plan(host(captured('packages/trixie-removed')));
    expect(change?.step.script.redacted).toContain('\nset -- keepalived\n');
  });
});

describe('the step', () => {
  const [change] = resource.plan(host(printed('', 1)));

  test('says what its ends mean', () => {
    expect(change?.step.failures).toMatchObject({
      75: { code: 'DPKG_LOCKED' },
      73: { code: 'NO_SPACE' },
      70: { code: 'STEP_FAILED' },
    });
    expect(change?.step.failures[75]?.message).toContain('300 s');
  });

  describe.each(shells)('in %s', (shell) => {
    /** The step from where it calls apt, which fails. @param stat of every file system */
    async function failing(stat: string) {
      if (change === undefined) throw new Error('no change');
      const text = change.step.script.reveal();
      const script = Shell.literal(`set -- haproxy\n${text.slice(text.indexOf('export DEBIAN_FRONTEND'))}`);
      return await runStep({ ...change, step: { script, failures: {} } }, shell, {
        'apt-cache': 'exit 100',
        'apt-get': 'echo "E: Write error"; exit 100',
        dpkg: ':',
        ls: ':',
        rm: 'echo "rm $*"',
        stat: `echo ${stat}`,
      });
    }

    test.each([
      ['no blocks', '4096 0 9999 999'],
      ['few blocks', '4096 4095 9999 999'],
      ['few inodes', '4096 99999 9999 63'],
    ])('ends for want of room where the disk has %s left, and takes away what is half written', async (_, stat) => {
      const { exitCode, output } = await failing(stat);
      expect(exitCode).toBe(73);
      expect(output).toMatch(/^rm -rf \/var\/lib\/apt\/lists\/partial\/\S* /m);
      expect(output).toMatch(/\nthe file system of \/var\/lib\/apt is full\n$/);
    });

    test.each(['4096 4096 9999 64', '4096 4096 0 0'])('ends as apt does where there is room: %s', async (stat) => {
      expect(await failing(stat)).toEqual({ exitCode: 70, output: 'E: Write error\n' });
    });
  });

  test('is this', async () => {
    await expect(change?.step.script.redacted).toMatchFileSnapshot(goldenStep('install-packages'));
  });
});
