import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerChannel } from 'ssh2';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Content } from '../../../src/cluster/secrets/content.js';
import { Secret } from '../../../src/cluster/secrets/secret.js';
import { type SshConnectorOptions, sshConnector } from '../../../src/remote/connect/connector.js';
import type { Runner } from '../../../src/remote/runner.js';
import { Shell, sh } from '../../../src/remote/shell.js';
import { recorder } from '../../support/ssh/contract.js';
import { KeyFolder, type KeyPair } from '../../support/ssh/keys.js';
import { TestServer, type TestServerOptions } from '../../support/ssh/server.js';
import { hereAt, nodeAt } from '../../support/ssh/target.js';

const never = new AbortController().signal;
/** What an `SshRunner` does over a transport, against a server of ours. Over openssh each connection starts programs, and takes its time. */
export function runnerSuite(transport: 'ssh2' | 'openssh'): void {
  const folder = new KeyFolder();
  let hostKey: KeyPair;
  let identity: KeyPair;
  beforeAll(() => {
    hostKey = folder.key('host');
    identity = folder.key('identity');
  });
  afterAll(() => folder.remove());

  const servers: TestServer[] = [];
  const runners: Runner[] = [];
  afterEach(async () => {
    for (const runner of runners.splice(0)) runner.close();
    await Promise.all(servers.splice(0).map(async (server) => server.stop()));
  });

  async function start({
    user = 'root',
    ...options
  }: Partial<TestServerOptions & SshConnectorOptions> & { user?: string } = {}): Promise<{
    server: TestServer;
    runner: Runner;
    runFolder: string;
  }> {
    const server = await TestServer.start({
      hostKeys: [hostKey.privateKey],
      authorized: [identity.publicKey],
      ...options,
    });
    servers.push(server);
    const knownHosts = folder.file('known_hosts');
    writeFileSync(knownHosts, `[127.0.0.1]:${server.port} ${hostKey.publicKey}\n`);
    const runFolder = folder.file(`run-${server.port}`);
    const connector = sshConnector({ here: hereAt(folder.path), runFolder, ...options });
    const runner = await connector.connect(
      nodeAt({ port: server.port, knownHosts, identityFile: identity.path, user, transport }),
      never,
    );
    runners.push(runner);
    return { server, runner, runFolder };
  }

  /** A server that answers every command with the same, and ends it with an exit code, or without one. */
  function answering(
    stdout: string,
    stderr: string,
    exitCode?: number,
  ): (command: string, channel: ServerChannel) => undefined {
    return (_command, channel) => {
      channel.write(stdout);
      channel.stderr.write(stderr);
      if (exitCode !== undefined) channel.exit(exitCode);
      channel.end();
      return undefined;
    };
  }

  /** One that answers sudo so, and has a shell. */
  function answeringSudo(...answer: Parameters<typeof answering>): NonNullable<TestServerOptions['answer']> {
    return (command, channel) => (command.includes('sudo') ? answering(...answer)(command, channel) : 'run');
  }

  describe(`over ${transport}`, () => {
    describe('observing', () => {
      it('is one exec, whatever a login shell prints around it', async () => {
        const { server, runner } = await start({
          shell: ['sh', '-c', 'echo noise; echo noise >&2; eval "$0"; echo more'],
        });
        const answers = await runner.observe(
          [
            { id: 'a', command: sh`printf x` },
            { id: 'b', command: sh`:` },
          ],
          never,
        );
        expect(Object.fromEntries(answers)).toEqual({
          a: { exitCode: 0, stdout: 'x' },
          b: { exitCode: 0, stdout: '' },
        });
        expect(server.commands).toHaveLength(1);
      });

      it('gives text as it is, and says where there was too much of it', async () => {
        const { runner } = await start();
        const probes = [
          { id: 'text', command: sh`printf ${'a\\r\\n\\033[1mé\\n\\n'}` },
          { id: 'much', command: sh`head -c 3000000 /dev/zero | tr '\\0' x` },
          { id: 'enough', command: sh`head -c 1048576 /dev/zero` },
        ];
        const answers = await runner.observe(probes, never);
        expect(answers.get('text')).toEqual({ exitCode: 0, stdout: 'a\r\n\u001b[1mé\n\n' });
        expect(answers.get('much')).toEqual({ exitCode: 0, stdout: 'x'.repeat(1024 * 1024), truncated: true });
        expect(answers.get('enough')).toEqual({ exitCode: 0, stdout: '\0'.repeat(1024 * 1024) });
      });

      it('that is interrupted ends at once', async () => {
        const { runner } = await start();
        const abort = new AbortController();
        const observing = runner.observe([{ id: 'endless', command: sh`exec sleep 1000` }], abort.signal);
        abort.abort();
        await expect(observing).rejects.toMatchObject({ code: 'INTERRUPTED', details: { node: 'node-101' } });
        expect((await runner.observe([{ id: 'a', command: sh`echo still there` }], never)).get('a')?.stdout).toBe(
          'still there\n',
        );
      });

      it.each([
        [
          'sudo wants a password',
          answeringSudo('', 'sudo: a password is required\n', 1),
          { code: 'SUDO_REFUSED', output: 'sudo: a password is required', hint: 'NOPASSWD' },
        ],
        [
          'there is no sudo',
          answeringSudo('', 'sh: 1: sudo: not found\n', 127),
          { code: 'SUDO_REFUSED', output: 'sh: 1: sudo: not found', hint: 'Install sudo' },
        ],
        [
          'something else runs',
          answeringSudo('Welcome!\n', '', 0),
          { code: 'SUDO_REFUSED', output: 'Welcome!', hint: 'NOPASSWD' },
        ],
        [
          'there is no shell',
          answering('This account is currently not available.\n', '', 1),
          { code: 'SUDO_REFUSED', output: 'This account is currently not available.', hint: 'may be nologin' },
        ],
        [
          'no exit code comes',
          answeringSudo('', ''),
          // An ssh tells of it as of an exit.
          transport === 'openssh'
            ? { code: 'SUDO_REFUSED', output: undefined, hint: 'NOPASSWD' }
            : { code: 'CONNECTION_LOST', output: undefined, hint: 'Run again' },
        ],
      ])('fails where %s', async (_what, answer, { code, output, hint }) => {
        const { runner } = await start({ user: 'ops', answer });
        const includesHint: unknown = expect.stringContaining(hint);
        const details = { node: 'node-101', hint: includesHint, ...(output !== undefined && { output }) };
        await expect(runner.observe([{ id: 'a', command: sh`:` }], never)).rejects.toMatchObject({ code, details });
        await expect(runner.perform([{ script: sh`:` }], recorder(), never)).rejects.toMatchObject({ code, details });
      });

      it('shows what comes in place of root’s shell, and does not speak of sudo to root', async () => {
        const { runner } = await start({ answer: answering('Please login as the user "ubuntu".\n', '', 142) });
        const elsewhere: unknown = expect.stringContaining('ssh.user');
        await expect(runner.observe([{ id: 'a', command: sh`:` }], never)).rejects.toMatchObject({
          code: 'SUDO_REFUSED',
          message: 'root gets no shell',
          details: { output: 'Please login as the user "ubuntu".', hint: elsewhere },
        });
      });

      it('says what sudo says in a terminal, where it refuses there too', async () => {
        const refusing: TestServerOptions['answer'] = (command, channel) => {
          const says = command.startsWith('stty') ? 'ops may not run sh here' : 'you must have a tty';
          return answeringSudo('', says, 1)(command, channel);
        };
        const { runner } = await start({ user: 'ops', terminals: true, answer: refusing });
        await expect(runner.observe([{ id: 'a', command: sh`:` }], never)).rejects.toMatchObject({
          code: 'SUDO_REFUSED',
          details: { output: 'ops may not run sh here', cause: { details: { output: 'you must have a tty' } } },
        });
      });

      it('fails where the answer is cut short', async () => {
        const { runner } = await start();
        const probes = [{ id: 'a', command: sh`kill -9 $$` }];
        await expect(runner.observe(probes, never)).rejects.toMatchObject({ code: 'FACT_UNREADABLE' });
      });
    });

    describe('a password for sudo', () => {
      /** A sudo that asks three times, notes what it is given, and lets in whoever knows the word; `none`: whoever comes. */
      function fakeSudo(word: string): { env: NodeJS.ProcessEnv; attempts: () => string[] } {
        const bin = mkdtempSync(join(folder.path, 'sudo-'));
        const notes = join(bin, 'attempts');
        writeFileSync(notes, '');
        writeFileSync(
          join(bin, 'sudo'),
          `#!/bin/sh
while :; do
  case $1 in -n) never=1 ;; -S) ;; -p) prompt=$2; shift ;; *) break ;; esac
  shift
done
[ ${word} != none ] || exec "$@"
[ -z "$never" ] || { echo 'a password is required' >&2; exit 1; }
for attempt in 1 2 3; do
  printf %s "$prompt" >&2
  IFS= read -r given || exit 1
  echo "$given" >>${notes}
  [ "$given" != ${word} ] || exec "$@"
  echo 'Sorry, try again.' >&2
done
exit 1
`,
          { mode: 0o755 },
        );
        const env = { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` };
        return { env, attempts: () => readFileSync(notes, 'utf8').split('\n').slice(0, -1) };
      }

      const password = new Secret('env PASSWORD', () => 'hunter2');
      const probe = { id: 'a', command: sh`cat; echo there` };
      const step = { script: sh`cat; echo done` };

      it('is given when sudo asks, once, and nothing of the script with it', async () => {
        const { env, attempts } = fakeSudo('hunter2');
        const { runner } = await start({ user: 'ops', env, sudoPassword: password });
        expect((await runner.observe([probe], never)).get('a')).toEqual({ exitCode: 0, stdout: 'there\n' });
        expect(attempts()).toEqual(['hunter2']);
        expect(await runner.perform([step], recorder(), never)).toMatchObject([{ exitCode: 0, output: 'done' }]);
        expect(attempts()).toEqual(['hunter2', 'hunter2']);
      });

      it('stays with us where sudo does not ask', async () => {
        const { env, attempts } = fakeSudo('none');
        const { runner, server } = await start({ user: 'ops', env, sudoPassword: password });
        expect((await runner.observe([probe], never)).get('a')).toEqual({ exitCode: 0, stdout: 'there\n' });
        expect(await runner.perform([step], recorder(), never)).toMatchObject([{ exitCode: 0, output: 'done' }]);
        expect(attempts()).toEqual([]);
        expect(server.commands.join('\n')).not.toContain('hunter2');
      });

      it('that is wrong is tried once', async () => {
        const { env, attempts } = fakeSudo('hunter3');
        const { runner } = await start({ user: 'ops', env, sudoPassword: password });
        const hint: unknown = expect.stringContaining('<secret: env PASSWORD>');
        await expect(runner.observe([probe], never)).rejects.toMatchObject({
          code: 'SUDO_REFUSED',
          details: { node: 'node-101', output: 'Sorry, try again.', hint },
        });
        expect(attempts()).toEqual(['hunter2']);
      });
    });

    describe('performing', () => {
      it('shows no secret that a step prints, however it does', async () => {
        const secret = new Secret('env PASSWORD', () => 'hunter2-hunter2');
        const { runner } = await start();
        const word = Shell.encoded(new Content(['pass ', secret, '\n']));
        const steps = [
          {
            script: sh`printf %s ${word} | base64 -d; printf %s ${word}; echo hun""ter2-hunter2 >&2; printf 'hunter2-'; sleep 0; echo hunter2`,
          },
          { script: sh`printf 'last hunter2-hunter2'; exit 1` },
        ];
        const progress = recorder();
        const results = await runner.perform(steps, progress, never);
        expect(results.map(({ output }) => output)).toEqual([
          'pass <secret: env PASSWORD>\n<secret: file content><secret: env PASSWORD>\n<secret: env PASSWORD>',
          'last <secret: env PASSWORD>',
        ]);
        expect(JSON.stringify(progress.told)).not.toContain('hunter2');
      });

      it('tells each line as it comes, and times the steps', async () => {
        let clock = 0;
        const { runner, runFolder } = await start({ now: () => clock });
        execFileSync('mkfifo', [`${runFolder}.fifo`]);
        // The step goes on only when its first line was told.
        const progress = recorder(([kind]) => {
          clock += 10;
          if (kind === 'printed' && clock === 20) writeFileSync(`${runFolder}.fifo`, 'second\n');
        });
        const results = await runner.perform([{ script: sh`echo first; cat ${`${runFolder}.fifo`}` }], progress, never);
        expect(results).toEqual([{ exitCode: 0, output: 'first\nsecond', durationMs: 30 }]);
      });

      it('ends before the next step when the run is interrupted, and leaves nothing behind', async () => {
        const { runner, runFolder } = await start();
        const abort = new AbortController();
        const progress = recorder(([kind]) => (kind === 'printed' ? abort.abort() : undefined));
        const wait = sh`echo under way; until ls ${runFolder}/abort.* >/dev/null 2>&1; do sleep 0.01; done; echo finished`;
        const results = await runner.perform([{ script: wait }, { script: sh`echo never` }], progress, abort.signal);
        expect(results.map(({ output }) => output)).toEqual(['under way\nfinished']);
        expect(readdirSync(runFolder)).toEqual([]);
      });

      it('leaves nothing behind where the interruption came too late', async () => {
        const { runner, runFolder } = await start();
        const abort = new AbortController();
        const progress = recorder(([kind]) => (kind === 'finished' ? abort.abort() : undefined));
        expect(await runner.perform([{ script: sh`:` }], progress, abort.signal)).toHaveLength(1);
        expect(readdirSync(runFolder)).toEqual([]);
      });

      it('does not wait for what a step leaves behind', async () => {
        const { runner } = await start();
        const results = await runner.perform(
          [{ script: sh`sleep 1000 & echo started` }, { script: sh`echo next` }],
          recorder(),
          never,
        );
        expect(results.map(({ output }) => output)).toEqual(['started', 'next']);
      });

      it('finishes the step under way when the connection is lost, however much it prints, and begins no other', async () => {
        const { server, runner, runFolder } = await start();
        const fifo = `${runFolder}.gate`;
        execFileSync('mkfifo', [fifo]);
        const steps = [
          {
            script: sh`echo under way; cat ${fifo}; head -c 1000000 /dev/zero; echo err >&2 && touch ${`${runFolder}.finished`}`,
          },
          { script: sh`touch ${`${runFolder}.second`}` },
        ];
        const progress = recorder(([kind]) => (kind === 'printed' ? server.cut() : undefined));
        await expect(runner.perform(steps, progress, never)).rejects.toMatchObject({
          code: 'CONNECTION_LOST',
          details: { output: 'under way' },
        });
        await writeFile(fifo, 'go on\n');
        await server.idle();
        expect(existsSync(`${runFolder}.finished`)).toBe(true);
        expect(existsSync(`${runFolder}.second`)).toBe(false);
      });

      it('notices a host that answers no more', async () => {
        const { server, runner } = await start({ keepaliveMs: 10 });
        const progress = recorder(([kind]) => (kind === 'printed' ? server.freeze() : undefined));
        await expect(
          runner.perform([{ script: sh`echo under way; exec sleep 1000` }], progress, never),
        ).rejects.toMatchObject({
          code: 'CONNECTION_LOST',
        });
      });

      it('fails as its listener does, and goes on living', async () => {
        const { runner } = await start();
        const progress = { ...recorder(), started: () => expect.unreachable('a defect') };
        await expect(runner.perform([{ script: sh`:` }], progress, never)).rejects.toMatchObject({ code: 'INTERNAL' });
        expect(await runner.observe([], never)).toEqual(new Map());
      });

      it('runs two execs at once on one connection', async () => {
        const { runner } = await start();
        const both = await Promise.all(
          ['a', 'b'].map(async (id) => runner.observe([{ id, command: sh`echo ${id}` }], never)),
        );
        expect(both.flatMap((answers) => [...answers.values()].map(({ stdout }) => stdout))).toEqual(['a\n', 'b\n']);
      });

      it('waits for the session before to be over where the host allows only one', async () => {
        const { runner } = await start({ maxSessions: 1 });
        for (let round = 0; round < 3; round++) {
          // The last marker comes before the end of the shell that printed it.
          expect(await runner.perform([{ script: sh`:` }], recorder(), never)).toHaveLength(1);
        }
      });

      it('is lost to a runner that was closed', async () => {
        const { runner } = await start();
        runner.close();
        await expect(runner.observe([], never)).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
      });
    });

    describe('watching', () => {
      it('tells every line as it comes, until it is told to stop', async () => {
        const { runner, runFolder } = await start();
        const stop = new AbortController();
        const seen: string[] = [];
        const command = sh`while echo tick; do sleep 0.01; done`;
        await runner.watch(
          command,
          (line) => {
            seen.push(line);
            if (seen.length === 3) stop.abort();
          },
          stop.signal,
        );
        expect(seen.slice(0, 3)).toEqual(['tick', 'tick', 'tick']);
        expect(existsSync(runFolder)).toBe(false);
        // The connection goes on for others.
        const probe = { id: 'probe', command: sh`echo ok` };
        expect((await runner.observe([probe], never)).get('probe')?.stdout).toBe('ok\n');
      });

      it('ends with the command', async () => {
        const { runner } = await start();
        const seen: string[] = [];
        await runner.watch(sh`printf 'one\ntwo'`, (line) => seen.push(line), never);
        expect(seen).toEqual(['one', 'two']);
      });

      it('does not begin when it is told to stop before', async () => {
        const { runner } = await start();
        await runner.watch(sh`echo no`, () => expect.unreachable(), AbortSignal.abort());
      });

      it('says when the connection is lost', async () => {
        const { server, runner } = await start();
        const watching = runner.watch(sh`while echo tick; do sleep 0.01; done`, () => server.cut(), never);
        await expect(watching).rejects.toMatchObject({ code: 'CONNECTION_LOST', details: { node: runner.node } });
      });

      it('says when the host killed it', async () => {
        const { runner } = await start();
        const watching = runner.watch(sh`echo tick; kill -9 0`, () => undefined, never);
        await expect(watching).rejects.toMatchObject({ code: 'FACT_UNREADABLE', details: { node: runner.node } });
      });
    });
  });
}
