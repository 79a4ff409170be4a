import type { Tracker } from '../daemons/keepalived-trackers.js';
import type { Election, Member, Pair } from '../daemons/lint-input.js';
import { type FailoverRow, type SimulatedFault, simulatedFaults } from '../judgement.js';
import { type Ailment, type Detection, detections } from './detection.js';
import { effectivePriority, possibleHolders, preemptDelayMs, preempts, skewMs, sumText } from './priorities.js';

type Outcome = Pick<FailoverRow, 'successor' | 'ms' | 'why'>;

/** Milliseconds until a keepalived that is stopped has said goodbye; 0 to 11 were measured, failover included. */
const goodbyeMs = 10;

/** What follows from every single fault on every node that may hold the VIPs while all is well. */
export function simulate({ elections }: Pair): FailoverRow[] {
  return elections.flatMap((election) =>
    possibleHolders(election.members).flatMap((holder) =>
      simulatedFaults.map((fault) => ({
        instance: election.name,
        fault,
        holder: holder.node.name,
        ...outcome(fault, holder, election),
      })),
    ),
  );
}

function outcome(fault: SimulatedFault, holder: Member, { members }: Election): Outcome {
  const others = members.filter((member) => member !== holder);
  const next = strongest(others);
  if (next === undefined) return never('there is no other node');
  switch (fault) {
    case 'haproxy-kill':
    case 'haproxy-stop':
      return ailing('dead', holder, others, next);
    case 'haproxy-hang':
      return ailing('hung', holder, others, next);
    case 'keepalived-stop':
      return won(next, goodbyeMs + skewMs(next.instance), `an advert of priority 0, ${skewText(next)}`);
    case 'keepalived-kill':
    case 'node-isolate':
      return won(next, silenceMs(holder, next), silenceText(next));
  }
}

/** HAProxy is not well on the holder: a tracker sends it to FAULT, or lowers its priority until another one wins. */
function ailing(ailment: Ailment, holder: Member, others: readonly Member[], next: Member): Outcome {
  const noticed = detections(holder.instance, ailment, holder.node.host);
  if (noticed.length === 0) return never(ailment === 'dead' ? 'nothing watches HAProxy' : 'nothing asks HAProxy');
  const failed: Tracker[] = [];
  const outcomes = noticed.map((detection) => {
    failed.push(detection.tracker);
    return detection.tracker.weight === 0
      ? faulted(detection, next)
      : outvoted(detection, holder, others, next, [...failed]);
  });
  return soonest(outcomes);
}

function faulted({ tracker, withinMs }: Detection, next: Member): Outcome {
  const why = `${tracker.watcher.name}: FAULT, ${skewText(next)}`;
  return won(next, withinMs + skewMs(next.instance), why);
}

/** A backup ignores adverts of a lower priority, and takes over when it has ignored enough of them. */
function outvoted(
  detection: Detection,
  holder: Member,
  others: readonly Member[],
  next: Member,
  failed: readonly Tracker[],
): Outcome {
  const left = effectivePriority(holder.instance, failed);
  const stronger = others.filter(({ instance }) => effectivePriority(instance) > left);
  const sums = `${sumText(holder.instance, failed)} against ${sumText(next.instance)} on ${next.node.name}`;
  const candidates = stronger
    .filter(({ instance }) => preempts(instance))
    .map((winner) => challenge(detection, holder, winner, sums));
  if (candidates.length > 0) return soonest(candidates);
  if (stronger.length > 0) return never(`${sums}, but nopreempt leaves the VIP to a holder of lower priority`);
  const isTie = effectivePriority(next.instance) === left;
  return never(`${sums}: ${isTie ? 'a tie, and a tie keeps the holder' : 'the holder still wins'}`);
}

/** A stronger node takes over, as soon as its own preempt_delay lets it. */
function challenge({ tracker, withinMs }: Detection, holder: Member, winner: Member, sums: string): Outcome {
  const wait = preemptDelayMs(winner.instance);
  // The delay begins with the first advert of the lower priority.
  const delayed = wait === 0 ? 0 : wait + intervalMs(holder, winner);
  const delay = wait === 0 ? '' : `preempt_delay ${time(wait)}, `;
  const why = `${tracker.watcher.name} after ${time(withinMs)}: ${sums}, ${delay}${silenceText(winner)}`;
  return won(winner, withinMs + delayed + silenceMs(holder, winner), why);
}

function soonest(outcomes: readonly Outcome[]): Outcome {
  return outcomes.reduce((best, other) => (lasting(other) < lasting(best) ? other : best));
}

/** The node whose timer ends first; between equals the order of the file. */
function strongest(members: readonly Member[]): Member | undefined {
  const top = Math.max(...members.map(({ instance }) => effectivePriority(instance)));
  return members.find(({ instance }) => effectivePriority(instance) === top);
}

/** Milliseconds from the last advert that counts until the other has won. */
function silenceMs(holder: Member, next: Member): number {
  return next.instance.downTimerAdverts.value * intervalMs(holder, next) + skewMs(next.instance);
}

/** Version 3 learns the interval from the adverts. */
function intervalMs(holder: Member, next: Member): number {
  return (next.instance.version.value === 3 ? holder : next).instance.advertIntervalMs.value;
}

function won({ node }: Member, ms: number, why: string): Outcome {
  return { successor: node.name, ms: Math.ceil(ms), why };
}

function never(why: string): Outcome {
  return { successor: null, ms: 'never', why };
}

function lasting({ ms }: Outcome): number {
  return ms === 'never' ? Infinity : ms;
}

function skewText({ instance }: Pick<Member, 'instance'>): string {
  return `skew ${time(skewMs(instance))}`;
}

function silenceText({ instance }: Pick<Member, 'instance'>): string {
  return `${instance.downTimerAdverts.value} adverts missed, ${skewText({ instance })}`;
}

/** `30 ms`, `2.5 s`. */
export function time(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.max(1, Math.ceil(milliseconds))} ms`;
  return `${Number((milliseconds / 1000).toFixed(2))} s`;
}
