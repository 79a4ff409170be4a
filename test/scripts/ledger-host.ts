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
import { shippedTemplate } from '../../src/render/shipped.js';
import { scratch } from '../unit/resources/support.js';

export interface Ended {
  readonly exitCode: number | null;
  readonly lines: readonly string[];
}

/** What stands in for the programs of a host that would reach beyond the folder: `$HOST` holds what they know. */
const programs = {
  systemctl: `
echo "$*" >>"$HOST/systemctl.log"
case " $* " in *' --quiet '*) exec >/dev/null ;; esac
while :; do case $1 in -*) shift ;; *) break ;; esac; done
verb=$1; shift
while :; do case $1 in -*) shift ;; *) break ;; esac; done
unit=$HOST/units/$1
case $verb in
  is-enabled) cat "$unit/enabled" 2>/dev/null || { echo disabled; exit 1; } ;;
  is-active) cat "$unit/active" 2>/dev/null || { echo inactive; exit 3; } ;;
  enable) echo enabled >"$unit/enabled" ;;
  disable | unmask) echo disabled >"$unit/enabled" ;;
  mask) echo masked >"$unit/enabled" ;;
  start | restart) [ ! -e "$unit/broken" ] && echo active >"$unit/active" ;;
  stop) [ ! -d "$unit" ] || echo inactive >"$unit/active" ;;
esac`,
  'systemd-run': 'echo "$*" >>"$HOST/systemd-run.log"',
  'dpkg-query': 'cat "$HOST/packages/$4"',
  ip: 'cat "$HOST/addresses"',
  sleep: 'echo "sleep $*" >>"$HOST/watch.log"',
};

/** What stands in for those that nearly every step runs, as functions of its shell: to start a process takes longer than they do. */
const functions = {
  // Nothing is lost here when the power fails; what is not there cannot be synced.
  sync: 'for synced; do case $synced in -*) ;; *) [ -e "$synced" ] || return 1 ;; esac; done',
  // `perl -MFcntl=:flock -e <script> <descriptor> <seconds>`: the same lock, in a fifth of the time.
  perl: 'command flock -w "$5" "$4"',
};

/** /bin/sh of Debian and Ubuntu. */
const shell = '/bin/dash';

/** A folder that is a host as far as `templates/ledger.sh` can see: the script runs there, by a real shell. */
export class LedgerHost {
  readonly folder = scratch();
  readonly state = join(this.folder, 'state');
  readonly runtime = join(this.folder, 'run');
  readonly bootUnit = join(this.folder, 'systemd/ha-deploy-revert.service');
  readonly bootLink = join(this.folder, 'systemd/multi-user.target.wants/ha-deploy-revert.service');
  readonly #script = join(this.folder, 'ledger.sh');

  constructor() {
    for (const name of ['state', 'bin', 'units', 'packages', 'proc/net', 'files', 'systemd'])
      mkdirSync(join(this.folder, name), { recursive: true });
    for (const [name, text] of Object.entries(programs)) this.program(name, text);
    this.write('addresses', '');
    const places: Readonly<Record<string, string>> = {
      state: this.state,
      runtime: this.runtime,
      flags: this.folder,
      boot_unit: this.bootUnit,
      boot_link: this.bootLink,
    };
    const text = shippedTemplate('ledger.sh')
      .source.replaceAll(
        /^(state|runtime|flags|boot_unit|boot_link)=.*$/gm,
        (_, name: string) => `${name}=${places[name]}`,
      )
      .replaceAll('/proc/sys/', `${this.folder}/proc/`);
    const stubs = Object.entries(functions).map(
      ([name, body]) => `[ -e "$HOST/bin/${name}" ] || ${name}() { ${body}; }\n`,
    );
    writeFileSync(this.#script, `${stubs.join('')}${text}`);
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

  /** Locks by perl, as hosts do: for the tests of the lock itself. */
  withPerl(): this {
    symlinkSync('/usr/bin/perl', join(this.folder, 'bin/perl'));
    return this;
  }

  run(input: string, ...words: readonly string[]): Ended {
    const env = { PATH: `${this.folder}/bin:/usr/bin:/bin`, HOST: this.folder };
    const { status, stdout, stderr } = spawnSync(shell, [this.#script, ...words], {
      input,
      env,
      encoding: 'utf8',
      timeout: 50_000,
    });
    return { exitCode: status, lines: `${stdout}${stderr}`.split('\n').slice(0, -1) };
  }

  take(token: string, insteadOf = '-'): Ended {
    return this.run('holder=anna@laptop\n', 'take', token, insteadOf, '3600');
  }

  begin(token: string, lines: readonly string[]): Ended {
    return this.run(`${lines.join('\n')}\n`, 'begin', token, '', '', '');
  }

  confirm(token: string, id: number, lines: readonly string[] = []): Ended {
    const recorded = this.run(`${lines.join('\n')}\n`, 'record', token, String(id), base64(`id=${id}\n`));
    return recorded.exitCode === 0 ? this.run('', 'confirm', token, String(id)) : recorded;
  }

  /** Confirms a copy of an earlier generation. */
  copy(token: string, id: number, of: number): Ended {
    const recorded = this.run('', 'record', token, String(id), base64(`id=${id}\n`), String(of));
    return recorded.exitCode === 0 ? this.run('', 'confirm', token, String(id)) : recorded;
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

export function base64(text: string): string {
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
