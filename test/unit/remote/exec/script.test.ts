import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { Content } from '../../../../src/cluster/secrets/content.js';
import { Secret } from '../../../../src/cluster/secrets/secret.js';
import { FrameParser, type Marker } from '../../../../src/remote/exec/frames.js';
import { observeScript, performScript, type Sent, scriptIncomplete } from '../../../../src/remote/exec/script.js';
import { Shell, sh } from '../../../../src/remote/shell.js';
import { type Ran, run, ShellFolder } from '../../../support/ssh/local-shell.js';

const wrapping = {
  nonce: '0123456789abcdef0123456789abcdef',
  rights: { user: 'root' },
  runFolder: '/nonexistent/ha-deploy',
};

const programs = ['dash', 'bash'].filter((name) => found(name) !== undefined);
const folders = programs.map((name) => ({ name, folder: new ShellFolder(found(name) ?? name) }));
afterAll(() => folders.forEach(({ folder }) => folder.remove()));

/** The loader and the steps as the host's /bin/sh, dash or bash. */
const hosts = folders.map(({ name, folder }) => ({ name, env: folder.env }));

function found(name: string): string | undefined {
  const paths = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name));
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** What came back, with the content of every probe or step as text. */
function framesOf({ stdout }: Ran): (Marker | string)[] {
  const events: (Marker | string)[] = [];
  const parser = new FrameParser(wrapping.nonce, {
    marker: (marker) => events.push(marker),
    content: (chunk) => {
      const last = events.at(-1);
      if (typeof last === 'string') events[events.length - 1] = last + chunk.toString();
      else events.push(chunk.toString());
    },
  });
  parser.push(stdout);
  parser.end();
  return events;
}

async function send(
  { command, input }: Sent,
  options: { shell?: readonly string[]; env?: NodeJS.ProcessEnv } = {},
): Promise<Ran> {
  return await run(command, { ...options, ...(input && { input }) });
}

describe('observeScript', () => {
  const probes = [
    { id: 'greeting', command: sh`printf 'no newline'` },
    { id: 'failing', command: sh`echo seen; echo unseen >&2; exit 3` },
    { id: 'reading', command: sh`cat; echo "$LC_ALL"` },
    { id: 'quoting', command: sh`printf %s ${`it's "quoted" \`$HOME\` !! \\ é`} # a comment` },
  ];
  const answers = [
    { kind: 'begin' },
    { kind: 'start', index: 0 },
    'no newline',
    { kind: 'end', index: 0, exitCode: 0 },
    { kind: 'start', index: 1 },
    'seen\n',
    { kind: 'end', index: 1, exitCode: 3 },
    { kind: 'start', index: 2 },
    'C\n',
    { kind: 'end', index: 2, exitCode: 0 },
    { kind: 'start', index: 3 },
    `it's "quoted" \`$HOME\` !! \\ é`,
    { kind: 'end', index: 3, exitCode: 0 },
    { kind: 'done' },
  ];

  it.each(hosts)('is answered by a host whose sh is $name', async ({ env }) => {
    const ran = await send(observeScript(probes, wrapping), { env });
    expect(framesOf(ran)).toEqual(answers);
    expect(ran.stderr.toString()).toBe('');
  });

  for (const login of ['bash', 'csh', 'tcsh', 'fish', 'zsh']) {
    it.skipIf(found(login) === undefined)(`passes the login shell ${login} as it is`, async () => {
      const shell = [found(login) ?? login, '-c'];
      expect(framesOf(await send(observeScript(probes, wrapping), { shell }))).toEqual(answers);
      const large = observeScript([{ id: 'large', command: sh`printf %s ${'x'.repeat(200_000)} | wc -c` }], wrapping);
      expect(framesOf(await send(large, { shell }))).toContain('200000\n');
      const performed = await send(performScript([{ script: sh`echo ${"it's"}` }], wrapping), { shell });
      expect(framesOf(performed)).toContain("it's\n");
    });
  }

  it.each(hosts)('runs no probe when it is cut, wherever it is, where sh is $name', async ({ env }) => {
    const { command } = observeScript([{ id: 'a', command: sh`echo ran` }], wrapping);
    const script = (await run(command.replace(/\| sh$/, ''), { env })).stdout;
    const whole = script.toString().trimEnd().length;
    // At every end of a line, in a word whose half is a program that waits, and in between.
    const ends = [...script.toString().matchAll(/\n/g)].map(({ index }) => index);
    const half = script.toString().indexOf('export') + 'ex'.length;
    const lengths = [...ends, half, whole - 1, ...fc.sample(fc.nat(whole), 10)].filter((length) => length < whole);
    const cuts = await Promise.all(
      lengths.map(async (length) => await run('sh', { input: script.subarray(0, length), env })),
    );
    for (const ran of cuts) {
      expect(framesOf(ran)).not.toContainEqual({ kind: 'start', index: 0 });
      expect(ran.stdout.toString()).not.toContain('ran');
    }
  });

  it('is one line, and small for the log of sudo', () => {
    const { command } = observeScript(probes, { ...wrapping, rights: { user: 'ops' } });
    expect(command).not.toContain('\n');
    expect(command).toMatch(/ \| base64 -d \| sudo -n sh$/);
  });

  it('goes by standard input when it is too large for an argument', () => {
    const { command, input } = observeScript([{ id: 'large', command: sh`: ${'x'.repeat(200_000)}` }], wrapping);
    expect(command.length).toBeLessThan(1000);
    expect(input?.length).toBeGreaterThan(200_000);
  });

  it('goes by standard input when it holds a secret, which is in no argument then', async () => {
    const secret = Shell.encoded(new Content([new Secret('env PASSWORD', () => 'hunter2')]));
    const sent = observeScript([{ id: 'told', command: sh`printf %s ${secret} | base64 -d` }], wrapping);
    expect(sent.command).not.toContain(secret.reveal());
    expect(framesOf(await send(sent))).toContain('hunter2');
  });
});

describe.each(hosts)('performScript, where sh is $name', ({ env }) => {
  it('runs steps in order, both streams in one, and stops after the first that fails', async () => {
    const steps = [
      { script: sh`echo out; echo err >&2; cat` },
      { script: sh`set -e; false; echo unreached` },
      { script: sh`echo never` },
    ];
    const ran = await send(performScript(steps, wrapping), { env });
    expect(framesOf(ran)).toEqual([
      { kind: 'begin' },
      { kind: 'start', index: 0 },
      'out\nerr\n',
      { kind: 'end', index: 0, exitCode: 0 },
      { kind: 'start', index: 1 },
      { kind: 'end', index: 1, exitCode: 1 },
      { kind: 'done' },
    ]);
  });

  it('runs each step on its own', async () => {
    const steps = [{ script: sh`cd /tmp; x=1; hd_mark() { :; }; exit 0` }, { script: sh`pwd; echo "<$x>"; umask` }];
    expect(framesOf(await send(performScript(steps, wrapping), { env }))).toContain('/\n<>\n0022\n');
  });

  it('runs nothing of a script that was cut, wherever it was', async () => {
    const { command, input } = performScript([{ script: sh`echo ran` }], wrapping);
    const whole = input ?? Buffer.alloc(0);
    const lengths = [0, 1, whole.length - 1, ...fc.sample(fc.nat(whole.length - 1), 10)];
    const cuts = await Promise.all(
      lengths.map(async (length) => await send({ command, input: whole.subarray(0, length) }, { env })),
    );
    for (const ran of cuts) {
      expect(framesOf(ran)).toEqual([{ kind: 'begin' }]);
      expect(ran.exitCode).toBe(scriptIncomplete);
    }
    expect(framesOf(await send({ command, input: whole }, { env }))).toContain('ran\n');
  });

  it('carries megabytes, of any text', async () => {
    const text = `é "'\\\n`.repeat(100_000);
    const steps = [
      { script: sh`printf %s ${Shell.encoded(Content.of(text))} | base64 -d | cksum` },
      { script: sh`printf %s ${text.slice(0, 50_000)} | wc -c` },
    ];
    const [, , first, , , second] = framesOf(await send(performScript(steps, wrapping), { env }));
    const expected = (await run('cksum', { input: Buffer.from(text) })).stdout.toString();
    expect(first).toBe(expected);
    expect(second).toBe(`${Buffer.byteLength(text.slice(0, 50_000))}\n`);
  });

  it('puts no secret into an argument or the environment of a process', async () => {
    const secret = new Secret('env PASSWORD', () => 'hunter2-hunter2');
    const look = sh`cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null; :`;
    const steps = [{ script: sh`printf %s ${Shell.encoded(new Content([secret]))} | base64 -d | grep -c . ; ${look}` }];
    const ran = await send(performScript(steps, wrapping), { env });
    expect(
      framesOf(ran)
        .filter((event) => typeof event === 'string')
        .join(''),
    ).toMatch(/^1\n/);
    expect(ran.stdout.includes('hunter2-hunter2')).toBe(false);
    expect(ran.stdout.includes(Buffer.from('hunter2-hunter2').toString('base64'))).toBe(false);
  });
});
