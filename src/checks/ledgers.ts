import { clock } from '../facts/host/clock.js';
import { type Generation, type Lease, ledger } from '../facts/ledger/ledger.js';
import type { Observation } from '../facts/observation.js';

/** Seconds: an undone run is news for a day. */
const newsFor = 86_400;

/** Whether the process that holds a lease was one of this machine, and has ended. */
export type IsGone = (lease: Lease) => boolean;

/** What there is to say of runs before, and of one under way, for a look that is not a part of a run itself. */
export function pastWarnings(observations: readonly Observation[], isGone: IsGone): readonly string[] {
  return [...runWarnings(observations, isGone), ...ledgerWarnings(observations)];
}

/** What the ledgers of the nodes say that an operator should know, a sentence each. */
function ledgerWarnings(observations: readonly Observation[]): readonly string[] {
  const generations = observations.map((host) => ({ node: host.node, made: host.get(ledger).generation }));
  const runs = new Set(generations.map(({ made }) => made && `${made.id} ${made.run}`));
  const disagree = runs.size > 1;
  const list = generations.map(({ node, made }) => `${node} has ${madeText(made, generations)}`).join(', ');
  return [
    ...(disagree
      ? [
          `the nodes do not have the same generation (${list}): a run did not reach all of them; \`ha-deploy up\` brings them into line`,
        ]
      : []),
    ...observations.flatMap(revertedWarning),
    ...observations.flatMap(keptWarning),
    ...observations.flatMap(dueWarning),
  ];
}

/** A number says which run it is, unless two runs have given it. */
function madeText(
  made: Generation | undefined,
  all: readonly { readonly made: Generation | undefined }[],
): string | number {
  if (made === undefined) return 'none';
  const isAmbiguous = all.some((other) => other.made?.id === made.id && other.made.run !== made.run);
  return isAmbiguous ? `${made.id} of ${made.by} at ${timeText(made.at)}` : made.id;
}

/** Runs that are under way while somebody looks, or that nobody goes on with, a sentence each. */
export function runWarnings(observations: readonly Observation[], isGone: IsGone): readonly string[] {
  const tenants = new Map<string, string[]>();
  const left: string[] = [];
  for (const host of observations) {
    const { lease, unfinished, returned } = host.get(ledger);
    if (lease !== undefined && lease.secondsLeft > 0) {
      const tenant = isGone(lease)
        ? `${tenantText(lease)}, ${goneText(lease)}`
        : `${tenantText(lease)}; what you see here may still change`;
      tenants.set(tenant, [...(tenants.get(tenant) ?? []), host.node]);
    } else if (unfinished && !returned) {
      left.push(
        `${host.node}: a run was lost before it was confirmed; the node undoes or keeps its changes by itself, or the next \`ha-deploy up\` continues from there`,
      );
    }
  }
  return [...[...tenants].map(([tenant, nodes]) => `${nodes.join(', ')}: held by ${tenant}`), ...left];
}

function goneText({ secondsLeft }: Lease): string {
  return `which has ended on this machine: what it had begun is undone in up to ${Math.ceil(secondsLeft)} s, and \`ha-deploy up\` takes the nodes over at once`;
}

/** `anna@laptop (up, process 4711), since 2026-11-23T01:02:03Z`. */
export function tenantText({ holder, command, pid, since }: Lease): string {
  return `${holder} (${command}, process ${pid}), since ${timeText(since)}`;
}

function timeText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000', '');
}

function keptWarning(host: Observation): string[] {
  const { keptAt, generation } = host.get(ledger);
  if (keptAt === undefined || generation === undefined || host.get(clock) - keptAt > newsFor) return [];
  return [
    `${host.node} confirmed generation ${generation.id} by itself at ${timeText(keptAt)}: its run was lost after every node had written it down`,
  ];
}

/** While a run is under way, it says itself what it waits for. */
function dueWarning(host: Observation): string[] {
  const { due, lease } = host.get(ledger);
  const reasons = due.filter((line) => !/^(?:file|unit|sysctl):/.test(line)).map(plainDue);
  if (reasons.length === 0 || (lease !== undefined && lease.secondsLeft > 0)) return [];
  return [`${host.node} has not fully gone back after a run that was lost or undone: ${reasons.join('; ')}`];
}

function plainDue(line: string): string {
  return line.replace(/^refused:(.*)$/, '$1 does not accept its earlier configuration').replace(/^said=/, 'it says ');
}

function revertedWarning(host: Observation): string[] {
  const { reverted } = host.get(ledger);
  if (reverted === undefined || host.get(clock) - reverted.at > newsFor) return [];
  const to = reverted.to === 0 ? 'what was there before the first run' : `generation ${reverted.to}`;
  return [`${host.node} went back to ${to} at ${timeText(reverted.at)}: ${reverted.why}`];
}
