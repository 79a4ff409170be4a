import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';
import { ledgerScript } from '../../playbooks/ledger-script.js';
import { Shell } from '../../src/remote/shell.js';
import { scratch } from '../unit/resources/support.js';

export interface Ended {
  readonly exitCode: number | null;
  readonly lines: readonly string[];
}

/** What stands in for the programs of a host that would reach beyond the folder: `$HOST` holds what they know. */
export const programs = {
  systemctl: `
echo "$*" >>"$HOST/systemctl.log"
case " $* " in *' --quiet '*) exec >/dev/null ;; esac
while :; do case $1 in -*) shift ;; *) break ;; esac; done
verb=$1; shift
while :; do case $1 in -*) shift ;; *) break ;; esac; done
unit=$HOST/units/$1
case $verb in
  show)
    enabled='' active=inactive
    [ ! -e "$unit/enabled" ] || read -r enabled <"$unit/enabled"
    [ ! -e "$unit/active" ] || read -r active <"$unit/active"
    [ -d "$unit" ] && echo LoadState=loaded || echo LoadState=not-found
    echo "UnitFileState=$enabled"
    echo "ActiveState=$active"
    [ ! -e "$unit/job" ] || echo Job=7 ;;
  is-active) [ -e "$unit/active" ] || { echo inactive; exit 3; } ;;
  reload) [ ! -e "$unit/runs" ] || [ -e "$unit/broken" ] || { read -r reads <"$unit/reads"; cp "$reads" "$unit/runs"; } ;;
  enable) echo enabled >"$unit/enabled" ;;
  disable | unmask) echo disabled >"$unit/enabled" ;;
  mask) echo masked >"$unit/enabled" ;;
  start | restart) [ ! -e "$unit/broken" ] && echo active >"$unit/active" && { [ ! -e "$unit/reads" ] || { read -r reads <"$unit/reads"; cp "$reads" "$unit/runs"; }; } ;;
  stop) [ ! -d "$unit" ] || echo inactive >"$unit/active" ;;
esac`,
  'systemd-run': 'echo "$*" >>"$HOST/systemd-run.log"',
  'dpkg-query': 'cat "$HOST/packages/$4"',
  // It takes no time, and the host's clock goes on: by a second at least.
  sleep: `echo "sleep $*" >>"$HOST/watch.log"
[ -e "$HOST/state/uncommitted" ] || [ -e "$HOST/over" ] || cp "$HOST/uptime" "$HOST/over"
seconds=\${1%%.*}; [ "$seconds" -gt 0 ] || seconds=1
read -r now rest <"$HOST/uptime"; echo "$((\${now%%.*} + seconds)).00 $rest" >"$HOST/uptime"
[ ! -e "$HOST/bin/meanwhile" ] || meanwhile`,
  haproxy: 'cat "$3" >>"$HOST/checked"; ! grep -q "no good" "$3" || { echo "[ALERT] no good" >&2; exit 1; }',
  keepalived: '! grep -q "no good" "$3" || { echo "Unknown keyword"; exit 4; }',
};

/** How the daemons and the wire answer, in shells of their own: by what is in the folders of their units, and in `wire`. */
export const answers = `
dump_keepalived() (
  is=inactive at=0
  [ ! -e "$HOST/units/keepalived.service/active" ] || read -r is <"$HOST/units/keepalived.service/active"
  [ "$is" = active ] && [ ! -e "$HOST/units/keepalived.service/mute" ] || return 1
  while read -r word value; do [ "$word" != router_id ] || echo " Router ID = $value"; done <"$HOST/units/keepalived.service/runs" || return 1
  echo '   Advert interval = 1000 milli-sec'
  [ ! -e "$HOST/flags/maintenance" ] || read -r at <"$HOST/flags/maintenance"
  read -r role <"$HOST/role"
  [ "$at" = 0 ] || role=FAULT
  echo "   State = $role"
)
ask_haproxy() (
  [ ! -e "$HOST/units/haproxy.service/mute" ] || return 1
  while read -r word value; do [ "$word" != description ] || echo "$value"; done <"$HOST/units/haproxy.service/runs"
)
hear_adverts() (echo "$2" >>"$HOST/listened" && read -r heard <"$HOST/wire" && echo "$heard")
`;

/** What stands in for those that nearly every step runs, as functions of its shell: to start a process takes longer than they do. */
export const functions = {
  // Nothing is lost here when the power fails; what is not there cannot be synced.
  sync: 'for synced; do case $synced in -*) ;; *) [ -e "$synced" ] || return 1 ;; esac; done',
  // `perl -MFcntl=:flock -e <script> <descriptor> <seconds>`: the same lock, in a fifth of the time.
  perl: 'case $1 in -MFcntl*) command flock -w "$5" "$4" ;; *) /usr/bin/perl "$@" ;; esac',
};

/** What /bin/sh may be on Debian and Ubuntu. */
export const shells = { dash: ['/bin/dash'], bash: ['/bin/bash', '--posix'] } as const;

/** What a run learns of the clock of the node, whatever else it does. */
function withoutUptime({ exitCode, lines }: Ended): Ended {
  return { exitCode, lines: lines.filter((line) => !/^uptime=\d+\.\d\d$/.test(line)) };
}

/** A folder that is a host as far as `templates/ledger/` can see: the script runs there, by a real shell. */
export class LedgerHost {
  readonly folder: string;
  readonly state: string;
  readonly runtime: string;
  readonly bootUnit: string;
  readonly bootLink: string;
  readonly shell: keyof typeof shells;
  readonly script: string;

  /** @param first comes before the script, after what stands in for programs */
  constructor(shell: keyof typeof shells = 'dash', folder = scratch(), first = '') {
    this.shell = shell;
    this.folder = folder;
    this.state = join(folder, 'state');
    this.runtime = join(folder, 'run');
    this.bootUnit = join(folder, 'systemd/ha-deploy-revert.service');
    this.bootLink = join(folder, 'systemd/multi-user.target.wants/ha-deploy-revert.service');
    this.script = join(folder, 'ledger.sh');
    for (const name of ['state', 'bin', 'units', 'packages', 'info', 'proc/net', 'files', 'systemd', 'flags'])
      mkdirSync(join(this.folder, name), { recursive: true });
    for (const [name, text] of Object.entries(programs)) this.program(name, text);
    this.write('role', 'BACKUP\n');
    this.write('wire', 'silent\n');
    this.write('uptime', '1000.00 2000.00\n');
    const places: Readonly<Record<string, string>> = {
      state: this.state,
      runtime: this.runtime,
      flags: join(this.folder, 'flags'),
      keepalived_config: this.path('keepalived.conf'),
      haproxy_config: this.path('haproxy.cfg'),
      dpkg_info: join(this.folder, 'info'),
      boot_unit: this.bootUnit,
      boot_link: this.bootLink,
    };
    const text = ledgerScript(Shell.literal(`${answers}${first}`))
      .replaceAll(
        new RegExp(`^(${Object.keys(places).join('|')})=.*$`, 'gm'),
        (_, name: string) => `${name}=${places[name]}`,
      )
      .replaceAll('found=/proc/sys ', `found=${this.folder}/proc `)
      .replaceAll('</proc/uptime', `<${this.folder}/uptime`);
    const stubs = Object.entries(functions).map(
      ([name, body]) => `[ -e "$HOST/bin/${name}" ] || ${name}() { ${body}; }\n`,
    );
    writeFileSync(this.script, `${stubs.join('')}${text}`);
  }

  /** Makes a program of the host do something else. */
  program(name: string, text: string): void {
    const path = join(this.folder, 'bin', name);
    writeFileSync(path, `#!/bin/sh\n${text}\n`);
    chmodSync(path, 0o755);
  }

  /** A service, as systemd would have it. */
  unit(name: string, enabled: string, active: string): void {
    mkdirSync(join(this.folder, 'units', name), { recursive: true });
    this.write(`units/${name}/enabled`, `${enabled}\n`);
    this.write(`units/${name}/active`, `${active}\n`);
  }

  /** A daemon that is active and has read this text from its file. */
  daemon(name: 'haproxy' | 'keepalived', text: string): void {
    const unit = `${name}.service`;
    const path = this.path(name === 'haproxy' ? 'haproxy.cfg' : 'keepalived.conf');
    this.unit(unit, 'enabled', 'active');
    writeFileSync(path, text);
    this.write(`units/${unit}/reads`, path);
    this.write(`units/${unit}/runs`, text);
  }

  /** Locks by perl, as hosts do: for the tests of the lock itself. */
  withPerl(): this {
    symlinkSync('/usr/bin/perl', join(this.folder, 'bin/perl'));
    return this;
  }

  run(input: string, ...words: readonly string[]): Ended {
    const env = { PATH: `${this.folder}/bin:/usr/bin:/bin`, HOST: this.folder };
    const [shell, ...flags] = shells[this.shell];
    const { status, stdout, stderr } = spawnSync(shell, [...flags, this.script, ...words], {
      input,
      env,
      encoding: 'utf8',
      timeout: 50_000,
    });
    return { exitCode: status, lines: `${stdout}${stderr}`.split('\n').slice(0, -1) };
  }

  take(token: string, insteadOf = '-', lostRun = 'adopt'): Ended {
    return withoutUptime(this.run('holder=anna@laptop\n', 'take', token, insteadOf, '60', lostRun));
  }

  /** @param until on the clock of the host, seconds */
  renew(token: string, until: number): Ended {
    return withoutUptime(this.run('', 'renew', token, String(until)));
  }

  /** @param together the advert interval, where all nodes must agree on what changes */
  begin(token: string, lines: readonly string[], together = '-'): Ended {
    return this.run(`${lines.join('\n')}\n`, 'begin', token, together);
  }

  record(token: string, id: number, lines: readonly string[] = []): Ended {
    return this.run(`${lines.join('\n')}\n`, 'record', token, String(id), base64(headOf(token, id)));
  }

  /** From writing down to the end of the run. */
  confirm(token: string, id: number, lines: readonly string[] = []): Ended {
    return this.#inOrder(() => this.record(token, id, lines), ...this.#confirming(token, id));
  }

  /** Confirms a copy of an earlier generation. */
  copy(token: string, id: number, of: number): Ended {
    const copied = () => this.run('', 'record', token, String(id), base64(headOf(token, id)), String(of));
    return this.#inOrder(copied, ...this.#confirming(token, id));
  }

  #confirming(token: string, id: number): readonly (() => Ended)[] {
    return [
      () => this.run('', 'prepare', token, String(id)),
      () => this.run('', 'confirm', token, String(id)),
      () => this.run('', 'finished', token),
    ];
  }

  /** Until one fails; what the last one said. */
  #inOrder(...steps: readonly (() => Ended)[]): Ended {
    let ended: Ended = { exitCode: 0, lines: [] };
    for (const step of steps) {
      ended = step();
      if (ended.exitCode !== 0) return ended;
    }
    return ended;
  }

  /** The lease runs out. */
  expire(): void {
    this.write('run/lease', this.read('run/lease').replace(/^expires=.*$/m, 'expires=0'));
  }

  path(name: string): string {
    return join(this.folder, 'files', name);
  }

  has(name: string): boolean {
    return existsSync(join(this.folder, name));
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  list(name: string): readonly string[] {
    return readdirSync(join(this.folder, name)).toSorted();
  }
}

/** For what has to work before a test begins. @throws Error where it did not */
export function fine({ exitCode, lines }: Ended): void {
  if (exitCode !== 0 || lines.length > 0) throw new Error(`exit code ${exitCode}: ${lines.join('; ')}`);
}

export function headOf(token: string, id: number): string {
  return `format=1\nid=${id}\nrun=${token}\n`;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/**
 * A host that is prepared once, and then laid anew for each test that asks for it. It is always the same folder, whose path stands
 * in much of what is in it: a test has no use for two of them.
 */
export function prepared(prepare: () => LedgerHost): () => LedgerHost {
  const kept = mkdtempSync(join(tmpdir(), 'ha-deploy-host-'));
  afterAll(() => rmSync(kept, { recursive: true, force: true }));
  let host: LedgerHost | undefined;
  return () => {
    if (host === undefined) {
      host = prepare();
      replace(kept, host.folder);
    } else replace(host.folder, kept);
    const { folder } = host;
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    return host;
  };
}

function replace(folder: string, by: string): void {
  rmSync(folder, { recursive: true, force: true });
  cpSync(by, folder, { recursive: true, verbatimSymlinks: true });
}
