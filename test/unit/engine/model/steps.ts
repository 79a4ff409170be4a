import { dirname } from 'node:path';
import { paths } from '../../../../playbooks/paths.js';
import { fencedOff } from '../../../../src/resources/ledger-steps.js';
import { configOf, type Daemon, daemons } from './daemon.js';
import type { ModelHost } from './host.js';

interface Ended {
  readonly exitCode: number;
  readonly output?: string;
}

const done: Ended = { exitCode: 0 };

const saidUptime: Ended = { exitCode: 0, output: 'uptime=1000.42' };

type Effect = (host: ModelHost, groups: readonly string[], script: string) => Ended;

/** What each kind of step does; the first whose pattern is in the script. */
const effects: readonly (readonly [RegExp, Effect])[] = [
  [/^printf '%s\\n' (.+) \| sh \S+ take (\S+) (\S+) \d+ (adopt|refuse)$/m, take],
  [/^printf '%s\\n' .+ \| sh \S+ begin (\S+) /, begin],
  [/^printf '%s\\n' (.*) \| sh \S+ record (\S+) \d+ (\S+) (\S+)$/, record],
  [/^sh \S+ prepare (\S+) \d+$/, prepare],
  [/^sh \S+ confirm (\S+) \d+$/, confirm],
  [/^sh \S+ finished (\S+)$/, finish],
  [/^sh \S+ turn_back (\S+)$/, turnBack],
  [/^sh \S+ check (\S+)$/, check],
  [/^sh \S+ stand_back (\S+)$/, standBack],
  [/^sh \S+ take_part (\S+) (\S+)$/, takePart],
  [/^sh \S+ undo (\S+)$/, undo],
  [/^sh \S+ forget (path|sysctl) (\S+)$/, forget],
  [/^sh \S+ renew (\S+) \d+$/, renew],
  [/^sh \S+ give_back (\S+)$/, giveBack],
  [/^path=(.+)\nmode=(.+)\nowner=(.+)\ncontent\(\) \{ printf %s (\S*) \| base64 -d; \}$/m, writeFile],
  [/^set -- (.+)$/m, install],
  [/^rm -f \S+\/90-ha-deploy-install\.conf$/m, releaseUnits],
  [/^printf '%s\\n' (\S+) > \/proc\/sys\/(\S+)$/, setSysctl],
  [/^systemd-sysusers (\S+)$/, makeAccounts],
  [/^systemd-tmpfiles --create (\S+)$/, makeDirectories],
  [/^echo (\S+) > (\S+)$/, writeFlag],
  [/^systemctl unmask --quiet (\w+)\.service && systemctl unmask --quiet --runtime \1\.service$/, unmask],
  [/^systemctl is-enabled --quiet (\w+)\.service \|\| systemctl enable --quiet \1\.service$/, enable],
  [/^systemctl daemon-reload$/, daemonReload],
  [
    /^systemctl reset-failed (\w+)\.service 2>\/dev\/null\nif systemctl is-active [^]*? systemctl restart \1\.service; fi \|\| /,
    activate,
  ],
  [/^systemctl (?:restart|reload) (\w+)\.service \|\| /m, activate],
  [/^if \[ -e (\S+) \]; then sh \S+ take_part - (\S+); fi$/m, takePart],
];

export function enactStep(host: ModelHost, script: string): Ended {
  const [, verb, token, guarded] = fenced.exec(script) ?? [];
  if (token === undefined || guarded === undefined) return enact(host, script);
  const isOurs = host.lease?.token === token || (verb === 'unless_taken' && host.lease === undefined);
  return isOurs ? enact(host, guarded) : { exitCode: fencedOff };
}

/** The step comes after the fence, on lines of its own. */
const fenced = /^exec 9>>\S+; sh \S+ (fence|unless_taken) (\S+) \|\| exit \d+\n([^]*)$/;

/** A step without its fence. */
export function unfenced(script: string): string {
  return fenced.exec(script)?.[3] ?? script;
}

/** What a step does to the ledger of its node, where that is what it does: `take`, `begin`, … */
export function ledgerVerb(script: string): string | undefined {
  return /^(?:printf '%s\\n' .* \| )?sh (?:\/var\/lib\/ha-deploy\/ledger\.sh|"\$own") (\w+) /m.exec(script)?.[1];
}

function enact(host: ModelHost, script: string): Ended {
  for (const [pattern, effect] of effects) {
    const match = pattern.exec(script);
    if (match !== null) return effect(host, match.slice(1).map(unquoted), script);
  }
  throw new Error(`${host.name}: the model does not know the step ${script.slice(0, 300)}`);
}

function take(host: ModelHost, groups: readonly string[], script: string): Ended {
  const [tenant = '', token = '', insteadOf = '', lostRun = ''] = groups;
  if (lostRun === 'refuse' && host.uncommitted !== undefined) return { exitCode: 3 };
  if (host.lease !== undefined && ![token, insteadOf].includes(host.lease.token)) return { exitCode: 1 };
  const words = /^printf '%s\\n' (.+) \| sh/m.exec(script)?.[1] ?? tenant;
  host.lease = {
    token,
    lines: [...words.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? ''),
  };
  return saidUptime;
}

function begin(host: ModelHost, [token = '']: readonly string[]): Ended {
  if (host.lease?.token !== token) return { exitCode: 1 };
  host.uncommitted ??= host.state;
  return done;
}

function record(host: ModelHost, [footprint = '', token = '', head = '', copied = '']: readonly string[]): Ended {
  if (host.lease?.token !== token) return { exitCode: 1 };
  if (/^\d+$/.test(copied)) {
    const own = /^id=(\d+)$/m.exec(host.generation?.head ?? '')?.[1];
    if (host.generation === undefined || own !== copied) return { exitCode: 2 };
    host.recorded = { ...host.generation, head: Buffer.from(head, 'base64').toString() };
    return done;
  }
  const named = [...footprint.matchAll(/'path \S+ ([^']+)'/g)].map(([, path = '']) => path);
  const sysctls = [...footprint.matchAll(/'sysctl ([^']+)'/g)].map(([, name = '']) => name);
  host.recorded = { head: Buffer.from(head, 'base64').toString(), paths: named, sysctls };
  return done;
}

function prepare(host: ModelHost, [token = '']: readonly string[]): Ended {
  if (host.lease?.token !== token || host.recorded === undefined) return { exitCode: 1 };
  host.uncommitted ??= host.state;
  return done;
}

function confirm(host: ModelHost, [token = '']: readonly string[]): Ended {
  if (host.lease?.token !== token || host.recorded === undefined) return { exitCode: 1 };
  host.superseded ??= { generation: host.generation };
  host.generation = host.recorded;
  return done;
}

function finish(host: ModelHost, [token = '']: readonly string[]): Ended {
  if (host.lease?.token !== token) return { exitCode: 1 };
  ended(host);
  return done;
}

function undo(host: ModelHost, [token = '']: readonly string[]): Ended {
  if (host.lease?.token !== token) return { exitCode: 1 };
  const did = host.uncommitted === undefined ? [] : host.restore(host.uncommitted);
  if (host.superseded !== undefined) host.generation = host.superseded.generation;
  ended(host);
  takePart(host);
  return { exitCode: 0, output: ['why=the run gave up', ...did.map((what) => `did=${what}`)].join('\n') };
}

function ended(host: ModelHost): void {
  host.uncommitted = undefined;
  host.superseded = undefined;
  host.recorded = undefined;
  host.forgotten.clear();
  host.lease = undefined;
}

function turnBack(host: ModelHost, [token = '']: readonly string[]): Ended {
  if (host.lease?.token !== token) return { exitCode: 1 };
  if (host.uncommitted === undefined) return done;
  const role = host.isMaster() ? 'master' : 'backup';
  const file = host.uncommitted.files.get(configOf('keepalived'));
  const terms = agreementIn(file?.type === 'file' ? file.content : '') === agreementIn(host.units.keepalived.runs);
  if (!terms && role !== 'master') standBack(host, [token]);
  return { exitCode: 0, output: `role=${role}\nterms=${terms ? 'same' : 'other'}` };
}

function agreementIn(text = ''): string | undefined {
  return /ha-deploy:[0-9a-f]{12}-([0-9a-f]{8})/.exec(text)?.[1];
}

function check(): Ended {
  return done;
}

function forget(host: ModelHost, [kind = '', name = '']: readonly string[]): Ended {
  if (kind === 'path') host.remove(name);
  else host.sysctls.set(name, '0');
  host.forgotten.add(`${kind} ${name}`);
  return done;
}

function renew(host: ModelHost, [token = '']: readonly string[]): Ended {
  return host.lease?.token === token ? saidUptime : { exitCode: 1 };
}

function giveBack(host: ModelHost, [token = '']: readonly string[]): Ended {
  if (host.lease?.token === token) host.lease = undefined;
  return done;
}

function writeFile(host: ModelHost, groups: readonly string[], script: string): Ended {
  const [path = '', mode = '', owner = '', content = ''] = groups;
  // Their groups come with the packages.
  if (owner.endsWith(':haproxy') && !host.units.haproxy.installed) return { exitCode: 74, output: 'invalid group' };
  if (host.files.get(path)?.type === 'directory') return { exitCode: 74, output: 'is a directory' };
  host.write(path, Buffer.from(content, 'base64').toString(), mode, owner);
  return /^systemctl daemon-reload$/m.test(script) ? daemonReload(host) : done;
}

function install(host: ModelHost, [names = '']: readonly string[]): Ended {
  for (const name of names.split(' ')) {
    const daemon = daemonNamed(name);
    host.packages.set(name, 'installed');
    Object.assign(host.units[daemon], { installed: true, enabled: true });
    if (daemon === 'haproxy' && !host.files.has(configOf(daemon))) host.write(configOf(daemon), 'global\n');
  }
  return done;
}

function releaseUnits(host: ModelHost): Ended {
  host.hold = 'none';
  return daemonReload(host);
}

function setSysctl(host: ModelHost, [value = '', path = '']: readonly string[]): Ended {
  host.sysctls.set(path.replaceAll('/', '.'), value);
  return done;
}

function makeAccounts(host: ModelHost, [definition = '']: readonly string[]): Ended {
  const lines = host.contentOf(definition)?.matchAll(/^u (\S+) -/gm);
  if (lines === undefined) return { exitCode: 1, output: `no ${definition}` };
  for (const [, name = ''] of lines) host.accounts.add(name);
  return done;
}

function makeDirectories(host: ModelHost, [definition = '']: readonly string[]): Ended {
  const lines = host.contentOf(definition)?.matchAll(/^d (\S+) (\S+) (\S+) (\S+) -/gm);
  if (lines === undefined) return { exitCode: 1, output: `no ${definition}` };
  for (const [, path = '', mode = '', user = '', group = ''] of lines)
    host.files.set(path, { type: 'directory', mode, owner: `${user}:${group}` });
  return done;
}

function writeFlag(host: ModelHost, [value = '', path = '']: readonly string[]): Ended {
  if (host.files.get(dirname(path))?.type !== 'directory') return { exitCode: 2, output: 'Directory nonexistent' };
  host.write(path, `${value}\n`);
  return done;
}

function standBack(host: ModelHost, [token = '']: readonly string[]): Ended {
  if (host.contentOf(paths.maintenanceFlag)?.trim() === '1') return done;
  host.write(paths.standingBack, `${token}\n`);
  host.write(paths.maintenanceFlag, '1\n');
  return done;
}

function takePart(host: ModelHost): Ended {
  if (!host.files.has(paths.standingBack)) return done;
  host.write(paths.maintenanceFlag, '0\n');
  host.remove(paths.standingBack);
  return done;
}

function unmask(host: ModelHost, [name = '']: readonly string[]): Ended {
  host.units[daemonNamed(name)].masked = '';
  return daemonReload(host);
}

function enable(host: ModelHost, [name = '']: readonly string[]): Ended {
  const unit = host.units[daemonNamed(name)];
  if (unit.masked !== '') return { exitCode: 1, output: 'the unit is masked' };
  if (!unit.installed) return { exitCode: 1, output: 'the unit does not exist' };
  if (!unit.enabled) daemonReload(host);
  unit.enabled = true;
  return done;
}

function daemonReload(host: ModelHost): Ended {
  for (const daemon of daemons) host.units[daemon].needsDaemonReload = false;
  return done;
}

/** Starts, restarts or reloads a daemon, and waits as the step does until it shows the configuration that is wanted. */
function activate(host: ModelHost, [name = '']: readonly string[], script: string): Ended {
  const daemon = daemonNamed(name);
  const unit = host.units[daemon];
  const reloads = script.startsWith('systemctl reload');
  if (!unit.installed || unit.masked !== '') return { exitCode: 1, output: 'the unit cannot be started' };
  if (reloads && unit.active !== 'active') return { exitCode: 1, output: 'the unit is not active' };
  if (host.identity(daemon) === undefined) return { exitCode: 1, output: 'the configuration is not ours' };
  if (reloads) host.reload(daemon);
  else host.start(daemon);
  if (daemon === 'keepalived') takePart(host);
  const wanted = /(?:[\w.-]+\/)?ha-deploy:[0-9a-f]{12}(?:-[0-9a-f]{8})?/.exec(script)?.[0];
  return unit.runs === wanted ? done : { exitCode: 69, output: `runs ${unit.runs}, not ${wanted}` };
}

function daemonNamed(name: string): Daemon {
  const daemon = daemons.find((candidate) => candidate === name);
  if (daemon === undefined) throw new Error(`the model has no unit ${name}`);
  return daemon;
}

/** One shell word, or several that need no quotes. */
function unquoted(word: string): string {
  return word.startsWith("'") ? word.slice(1, -1).replaceAll(`'\\''`, "'") : word;
}
