import type { Instance } from '../daemons/keepalived-model.js';
import type { Tracker } from '../daemons/keepalived-trackers.js';
import type { LintHost } from '../daemons/lint-input.js';

/** What can be wrong with HAProxy: it is gone, or it is there and does nothing. */
export type Ailment = 'dead' | 'hung';

export interface Detection {
  readonly tracker: Tracker;
  /** Milliseconds from the fault until the tracker has failed, at most. */
  readonly withinMs: number;
}

/** Milliseconds until systemd has run a hook and keepalived has read its file; 17 to 29 were measured, failover included. */
const hookMs = 30;

/** Milliseconds until the kernel has told of a process that ended; about 20 in acassen/keepalived#2599. */
const processEventMs = 20;

/** The trackers of an instance that notice an ailment of HAProxy, the fastest first. */
export function detections({ trackers }: Instance, ailment: Ailment, host: LintHost | undefined): readonly Detection[] {
  return trackers
    .flatMap((tracker): Detection[] => {
      const withinMs = noticedWithin(tracker, ailment, host);
      return withinMs === undefined ? [] : [{ tracker, withinMs }];
    })
    .toSorted((one, other) => one.withinMs - other.withinMs);
}

/** Whether HAProxy's death and its hanging are each a FAULT: weights then only choose between two that are fit. */
export function passesOnByFault(instance: Instance, host: LintHost | undefined): boolean {
  const ailments: readonly Ailment[] = ['dead', 'hung'];
  return ailments.every((ailment) => detections(instance, ailment, host).some(({ tracker }) => tracker.weight === 0));
}

function noticedWithin({ watcher }: Tracker, ailment: Ailment, host: LintHost | undefined): number | undefined {
  switch (watcher.kind) {
    case 'file':
      return ailment === 'dead' && isServingFlag(watcher, host) ? hookMs : undefined;
    case 'process':
      return ailment === 'dead' ? processEventMs + watcher.delayMs : undefined;
    case 'script': {
      if (host?.tieBreakers.includes(watcher.program) === true) return undefined;
      // The check before may just have passed; one that hangs fails when its time is up.
      const dead = watcher.intervalMs * watcher.fall;
      if (ailment === 'dead') return dead;
      return looksForProcess(watcher.subject)
        ? undefined
        : dead + Math.min(watcher.timeoutMs, host?.patience.get(watcher.program) ?? Infinity);
    }
  }
}

/** Of hand-made files nobody knows who writes a flag: it is trusted, unless its name says that an operator does. */
function isServingFlag({ name, subject }: Tracker['watcher'], host: LintHost | undefined): boolean {
  return host === undefined
    ? !/maint|manual|drain|disable/i.test(`${name} ${subject}`)
    : host.servingFlags.includes(subject);
}

/** Whether a script asks only if there is a process, which a process that hangs is as well. */
function looksForProcess(command: string): boolean {
  return /(^|[\s/])(killall5?|pidof|pgrep|kill|systemctl|service)\s/.test(`${command} `);
}
