import { clock } from '../facts/clock.js';
import { ledger } from '../facts/ledger.js';
import type { Observation } from '../facts/observation.js';

/** Seconds: an undone run is news for a day. */
const newsFor = 86_400;

/** What the ledgers of the nodes say that an operator should know, a sentence each. */
export function ledgerWarnings(observations: readonly Observation[]): readonly string[] {
  const generations = observations.map((host) => ({ node: host.node, id: host.get(ledger).generation?.id }));
  const known = generations.filter(({ id }) => id !== undefined);
  const disagree = new Set(generations.map(({ id }) => id)).size > 1 && known.length > 0;
  const list = generations.map(({ node, id }) => `${node} has ${id === undefined ? 'none' : id}`).join(', ');
  return [
    ...(disagree
      ? [
          `the nodes do not have the same generation (${list}): a run did not reach all of them; \`ha-deploy up\` brings them into line`,
        ]
      : []),
    ...observations.flatMap(revertedWarning),
  ];
}

function revertedWarning(host: Observation): string[] {
  const { reverted } = host.get(ledger);
  if (reverted === undefined || host.get(clock) - reverted.at > newsFor) return [];
  const when = new Date(reverted.at * 1000).toISOString().replace('.000', '');
  const to = reverted.to === 0 ? 'what was there before the first run' : `generation ${reverted.to}`;
  return [`${host.node} went back to ${to} at ${when}: ${reverted.why}`];
}
