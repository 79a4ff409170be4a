import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answers, type Ended, functions, LedgerHost, shells } from './ledger-host.js';

/** What becomes of a command of the script, in the words of a report. */
export const ways = {
  fails: 'fails',
  failsAfter: 'fails after its work',
  dies: 'dies before its work, and its shell with it',
  diesAfter: 'dies after its work, and its shell with it',
  full: 'is the last before the disk is full, and /run too',
  cut: 'is the last before the shell dies in the middle of its next write',
} as const;

export type Way = keyof typeof ways;

/** Misfortune: which of the commands, counted from 1, and what becomes of it. */
export interface Fault {
  readonly at: number;
  readonly way: Way;
}

/** Every external command of the script. It finds no other: one that is missing here fails, and the dry run with it. */
const commands =
  'apt-get base64 cat chmod cmp cp date dpkg-query find haproxy keepalived ln mkdir mv perl readlink rm sed sha256sum sleep stat sync ' +
  'systemctl systemd-run timeout touch dump-keepalived ask-haproxy hear-adverts';

/**
 * Stands before a command, counts, and misbehaves when its turn has come. What it starts in turn is counted only where it is the
 * script that names it. Limits of files are those of the shell that called, and of its first; a stand-in of ours has a disk of its own.
 */
const wrapper = `#!/bin/dash
name=\${0##*/}
[ "$FAULT_AT" != 0 ] || { echo "$name $*" | /usr/bin/tr '\\n' ' ' && echo; } >>"$HOST/fault/calls"
# A stand-in is a script, and needs no process of its own.
go() {
  for stand_in in "$HOST/bin/$name" "$HOST/fault/as-programs/$name"; do
    [ -e "$stand_in" ] || continue
    ulimit -S -f unlimited
    PATH=$HOST/bin:/usr/bin:/bin
    . "$stand_in"
    exit
  done
  exec "/usr/bin/$name" "$@"
}
[ ! -e "$HOST/fault/done" ] || go "$@"
read -r count <"$HOST/fault/count"
count=$((count + 1))
echo "$count" >"$HOST/fault/count"
[ "$count" = "$FAULT_AT" ] || go "$@"
: >"$HOST/fault/done"
case $FAULT_WAY in
  failsAfter | diesAfter) (go "$@") ;;
  full | cut)
    for shell in "$PPID" "$FAULT_GROUP"; do /usr/bin/prlimit --pid "$shell" --fsize=0:unlimited; done
    go "$@"
    ;;
esac
case $FAULT_WAY in fails*) exit 1 ;; esac
kill -9 "-$FAULT_GROUP"
kill -9 $$
`;

/** Starts the script as the leader of a group, which can be killed as a whole. */
const launcher = `FAULT_GROUP=$$; export FAULT_GROUP; ulimit -c 0
[ "$FAULT_WAY" = cut ] || trap '' XFSZ
exec "$@"`;

const asking = ['dump_keepalived', 'ask_haproxy', 'hear_adverts'];

/** Where a command is to fail, none is a function of the shell. */
const asPrograms = `if [ "$FAULT_AT" -ge 0 ]; then
  unset -f ${Object.keys(functions).join(' ')}
${asking.map((name) => `  ${name}() { ${name.replace('_', '-')} "$@"; }\n`).join('')}fi
`;

/** Programs that a host of these tests has beside those of every other. */
const programs = {
  // A unit that is active; the test does what it would do.
  'systemd-run': `for word; do case $word in --unit=*) unit=$HOST/units/\${word#--unit=} ;; esac; done
mkdir -p "$unit" && echo active >"$unit/active" && echo "$word" >"$unit/token"`,
  // It takes no time, and the host's clock goes on; what is there by then is written down.
  sleep: `seconds=\${1%%.*}; [ "$seconds" -gt 0 ] || seconds=1
read -r now rest <"$HOST/uptime"; read -r shown <"$HOST/files/haproxy.cfg"
echo "\${now%%.*} $shown" >>"$HOST/fault/seen"
echo "$((\${now%%.*} + seconds)).00 $rest" >"$HOST/uptime"`,
  // What systemd has read of a unit is what it last was told to read.
  systemctl: `[ "$1" != daemon-reload ] || { rm -f "$HOST/units/read"; [ ! -e "$HOST/files/extra" ] || cp "$HOST/files/extra" "$HOST/units/read"; }
. "$HOST/bin/systemctl-of-all"`,
  date: 'echo 1700000000',
  'apt-get': 'for word; do :; done; rm "$HOST/packages/$word" "$HOST/info/$word.list"',
};

/** A host on which any command may fail, or die. Several may be at work at the same time, each in a folder of its own. */
export class FaultyHost extends LedgerHost {
  constructor(folder: string, shell: keyof typeof shells = 'dash') {
    super(shell, folder, asPrograms);
    for (const name of ['bin', 'as-programs']) mkdirSync(join(folder, 'fault', name), { recursive: true });
    for (const [name, body] of Object.entries(functions))
      this.write(`fault/as-programs/${name}`, `${name}() { ${body}; }\n${name} "$@"\n`);
    for (const name of asking) this.write(`fault/as-programs/${name.replace('_', '-')}`, `${answers}\n${name} "$@"\n`);
    renameSync(join(folder, 'bin/systemctl'), join(folder, 'bin/systemctl-of-all'));
    for (const [name, text] of Object.entries(programs)) this.program(name, text);
    for (const name of commands.split(' ')) {
      const path = join(folder, 'fault/bin', name);
      writeFileSync(path, wrapper);
      chmodSync(path, 0o755);
    }
  }

  /** Runs the script. @returns exit code null where it was killed */
  step(words: readonly string[], input = '', { at, way }: Fault = { at: -1, way: 'fails' }): Promise<Ended> {
    const isCounted = at >= 0;
    if (isCounted) {
      rmSync(join(this.folder, 'fault/done'), { force: true });
      rmSync(join(this.folder, 'fault/calls'), { force: true });
      this.write('fault/count', '0\n');
    }
    const env = {
      HOST: this.folder,
      PATH: isCounted ? join(this.folder, 'fault/bin') : `${this.folder}/bin:/usr/bin:/bin`,
      FAULT_AT: String(at),
      FAULT_WAY: way,
    };
    const [shell] = shells[this.shell];
    const options = shells[this.shell].slice(1);
    return ended(['-c', launcher, 'launcher', shell, ...options, this.script, ...words], input, env);
  }

  /** The commands of the last dry run, in order. */
  get calls(): readonly string[] {
    return this.has('fault/calls') ? this.read('fault/calls').split('\n').slice(0, -1) : [];
  }

  /** Whether the fault of the last step has happened. */
  get struck(): boolean {
    return existsSync(join(this.folder, 'fault/done'));
  }

  text(name: string): string | undefined {
    return this.has(name) ? readFileSync(join(this.folder, name), 'utf8') : undefined;
  }
}

function ended(words: readonly string[], input: string, env: Record<string, string>): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/dash', words, { env, detached: true, timeout: 30_000, killSignal: 'SIGKILL' });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    child.on('error', reject);
    // What it had begun in the background must not outlive it, nor the folder in which it works.
    child.on('exit', () => endGroup(child.pid));
    child.on('close', (exitCode) => resolve({ exitCode, lines: output.split('\n').slice(0, -1) }));
    // A script that is killed reads no more.
    child.stdin.on('error', () => {}).end(input);
  });
}

function endGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Nobody is left in it.
  }
}
