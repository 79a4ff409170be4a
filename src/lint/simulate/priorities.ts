import type { Instance } from '../daemons/keepalived-model.js';
import type { Tracker } from '../daemons/keepalived-trackers.js';
import type { Member } from '../daemons/lint-input.js';

/** The address's owner: no tracker changes it. */
const owner = 255;

/** A node's priority while all is well, without these trackers' bonuses and with their fines. */
export function effectivePriority({ priority, trackers }: Instance, failed: readonly Tracker[] = []): number {
  if (priority.value >= owner) return owner;
  const change = trackers.reduce((sum, tracker) => sum + contribution(tracker, failed.includes(tracker)), 0);
  return Math.min(owner - 1, Math.max(1, priority.value + change));
}

/** A weight above 0 counts while all is well, one below 0 when it is not. What a flag file holds is not known. */
function contribution({ watcher, weight }: Tracker, hasFailed: boolean): number {
  if (watcher.kind === 'file') return 0;
  return weight > 0 === hasFailed ? 0 : weight;
}

/** `101 + 2`: a node's own priority, and what its trackers make of it. */
export function sumText(instance: Instance, failed: readonly Tracker[] = []): string {
  const change = effectivePriority(instance, failed) - instance.priority.value;
  return `${instance.priority.value} ${change < 0 ? '-' : '+'} ${Math.abs(change)}`;
}

/** `state MASTER` undoes `nopreempt` (keepalived.conf(5)). */
export function preempts({ state, nopreempt }: Instance): boolean {
  return nopreempt === undefined || state?.value === 'MASTER';
}

/** Milliseconds before it takes the VIPs from a holder of lower priority; `state MASTER` undoes `preempt_delay`. */
export function preemptDelayMs({ state, preemptDelayMs: delay }: Instance): number {
  return state?.value === 'MASTER' ? 0 : (delay?.value ?? 0);
}

/** Milliseconds that a backup waits by its priority: (256 − p) / 256 of an interval, in version 2 of a second (RFC 5798, 3768). */
export function skewMs(instance: Instance): number {
  const unit = instance.version.value === 3 ? instance.advertIntervalMs.value : 1000;
  return ((256 - effectivePriority(instance)) / 256) * unit;
}

/** The members that may hold the VIPs while all is well: those that nobody would take them from. */
export function possibleHolders(members: readonly Member[]): readonly Member[] {
  const settled = members.filter((holder) =>
    members.every(
      (other) =>
        other === holder ||
        !preempts(other.instance) ||
        effectivePriority(other.instance) <= effectivePriority(holder.instance),
    ),
  );
  return settled.length === 0 ? members : settled;
}
