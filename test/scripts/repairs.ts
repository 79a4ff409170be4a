import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { atRest, currentOf, type Faults } from './at-rest.js';
import type { FaultyHost } from './faulty-host.js';
import { apply, b, footprint, powerCut, type Rest, record, take, tenant } from './small-node.js';

/** How a node comes to rest after a mishap. @returns what was wrong on the way */
export type Repair = (host: FaultyHost, rests: readonly Rest[], undone: readonly Rest[]) => Promise<Faults>;

async function failures(host: FaultyHost, step: readonly string[], input = ''): Promise<Faults> {
  const { exitCode, lines } = await host.step(step, input);
  return exitCode === 0 ? [] : [`${step[0]} ends with ${exitCode}: ${lines.join('; ')}`];
}

function watches(host: FaultyHost): readonly string[] {
  return host.list('units').filter((name) => name.startsWith('ha-deploy-watch-'));
}

/** As systemd would: every watch there is, and again the one that fails. */
async function watched(host: FaultyHost): Promise<Faults> {
  const faults: string[] = [];
  host.write('fault/seen', '');
  const [shown, expires] = [
    host.text('files/haproxy.cfg')?.split('\n')[0],
    /^expires=(\d+)$/m.exec(host.text('run/lease') ?? '')?.[1],
  ];
  for (let tries = 0; tries < 5; tries += 1) {
    const units = watches(host);
    if (units.length === 0) break;
    for (const unit of units) {
      const token = host.read(`units/${unit}/token`).trim();
      const { exitCode, lines } = await host.step(['watch', token]);
      if (exitCode === 0) rmSync(join(host.folder, 'units', unit), { recursive: true });
      else faults.push(`${unit} of ${token} ends with ${exitCode}: ${lines.join('; ')}`);
    }
  }
  for (const line of host.read('fault/seen').split('\n').slice(0, -1)) {
    const [, at, what] = /^(\d+) (.*)$/.exec(line) ?? [];
    if (Number(at) < Number(expires ?? 0) && what !== shown) faults.push(`a live run was undone at ${at}: ${what}`);
  }
  return faults;
}

/** Whether systemd finds our unit when it boots. */
function boots(host: FaultyHost): boolean {
  const isLinked = host.has('systemd/multi-user.target.wants/ha-deploy-revert.service');
  return isLinked && host.text('systemd/ha-deploy-revert.service')?.includes('ExecStart=') === true;
}

/** What systemd does at boot: our unit, again where it failed, then the daemons. What it has read of a unit it goes on with. */
async function started(host: FaultyHost, isDue: boolean): Promise<Faults> {
  const faults: string[] = [];
  if (isDue)
    for (let tries = 0; tries < 3; tries += 1) {
      const failed = await failures(host, ['boot']);
      if (failed.length === 0) break;
      faults.push(...failed);
    }
  for (const name of ['haproxy', 'keepalived'])
    if (host.text(`units/${name}.service/enabled`) === 'enabled\n') {
      const text = host.text(`files/${name === 'haproxy' ? 'haproxy.cfg' : 'keepalived.conf'}`);
      if (text === undefined) faults.push(`${name} has nothing to read`);
      else host.daemon(name as 'haproxy', text);
    }
  return [...faults, ...(await watched(host))];
}

async function nextRun(host: FaultyHost, end: 'undo' | 'confirm', rests: readonly Rest[]): Promise<Faults> {
  const holder = holderOf(host) ?? '-';
  mkdirSync(host.state, { recursive: true });
  const faults = [
    ...(await failures(host, take('heir', holder), tenant)),
    ...(await failures(host, ['begin', 'heir', '-'], footprint(host))),
  ];
  if (faults.length > 0) return faults;
  apply(host, b);
  const id = Number(currentOf(host) ?? 0) + 1;
  const steps: readonly (readonly string[])[] =
    end === 'undo'
      ? [['undo', 'heir']]
      : [record('heir', id), ['prepare', 'heir', String(id)], ['confirm', 'heir', String(id)], ['finished', 'heir']];
  for (const step of steps) {
    const failed = await failures(host, step, step[0] === 'record' ? footprint(host) : '');
    if (failed.length > 0) return failed;
  }
  return [
    ...(await watched(host)),
    ...atRest(host, end === 'undo' ? rests : [{ setup: b, current: String(id) }], rests),
  ];
}

/** Nothing that anybody reads: a boot unit counts by the link to it. */
function isUnfinished(fault: string): boolean {
  return /^(.*\.new|state\/generations\/\d+\.new\/.*|state\/touched|systemd\/ha-deploy-revert\.service) is left$/.test(
    fault,
  );
}

async function byTheWatch(host: FaultyHost, rests: readonly Rest[]): Promise<Faults> {
  const isWatched = watches(host).length > 0;
  const faults = [...(await watched(host)), ...atRest(host, rests)];
  // Who was cut off before there was a watch had done nothing yet, and what it was writing is gone with the next run.
  return isWatched ? faults : faults.filter((fault) => !isUnfinished(fault));
}

/** What is tried after a step that ended so. */
export function repairsAfter(
  [step = '', token = '']: readonly string[],
  exitCode: number | null,
): Readonly<Record<string, Repair>> {
  const alone: Readonly<Record<string, Repair>> =
    step === 'boot'
      ? { 'the boot': async (host, rests) => [...(await started(host, exitCode !== 0)), ...atRest(host, rests)] }
      : { 'the watch': byTheWatch };
  const isOver = exitCode === null || exitCode === 0 || ['watch', 'boot', 'take', 'leave'].includes(step);
  return isOver ? { ...alone, ...repairs } : { ...alone, ...repairs, 'its own undo': byItsOwnUndo(token) };
}

/** The run is told of the failure, and gives up; it may have lost its lease by that. */
function byItsOwnUndo(token: string): Repair {
  return async (host, rests) => {
    const undone = await host.step(['undo', holderOf(host) ?? token]);
    const faults =
      undone.exitCode === 0 || undone.exitCode === 1
        ? []
        : [`undo ends with ${undone.exitCode}: ${undone.lines.join('; ')}`];
    return [...faults, ...(await watched(host)), ...atRest(host, rests)];
  };
}

function holderOf(host: FaultyHost): string | undefined {
  return /^token=(.*)$/m.exec(host.text('run/lease') ?? '')?.[1];
}

const repairs: Readonly<Record<string, Repair>> = {
  'a power cut': async (host, rests) => {
    await powerCut(host);
    const failed = await started(host, boots(host));
    // A step that was cut off before it counted leaves what the next run takes away.
    const faults = atRest(host, rests).filter((fault) => !isUnfinished(fault));
    return [...failed, ...faults];
  },
  'a run that is undone': (host, _, undone) => nextRun(host, 'undo', undone),
  'a run that is confirmed': (host, rests) => nextRun(host, 'confirm', rests),
};
