import { readFile } from 'node:fs/promises';
import type { DeployError } from '../../errors/deploy-error.js';
import { systemCode } from '../../errors/system-code.js';
import { HungUp, opensshFailed } from '../link/failures.js';
import { peerOf } from '../target/peer.js';
import type { SshTarget } from '../target/target.js';
import { hostKeyOf } from '../trust/host-key.js';
import { judgeKey, recall } from '../trust/host-trust.js';
import type { KnownHostsFiles } from '../trust/known-hosts-file.js';
import { notesOnTheWay } from './arguments.js';

/** What an ssh that could not connect has left. */
export interface Remains {
  /** See `Surroundings`. */
  readonly keyNotes: string;
  readonly knownHosts: KnownHostsFiles;
  readonly stderr: string;
  readonly cause: unknown;
  /** Asked where it came no further than the connection, if that far. */
  readonly hangsUp: () => Promise<boolean>;
}

/** ssh says in words alone why it failed. How far it came tells as much: which key each host has shown, if any. */
export async function diagnosis(
  target: SshTarget,
  { keyNotes, knownHosts, stderr, cause, hangsUp }: Remains,
): Promise<DeployError> {
  const shown = await shownKey(keyNotes);
  if (shown !== undefined) {
    return (await judged(target, shown, knownHosts)) ?? opensshFailed('AUTH_REFUSED', target, stderr, cause);
  }
  const { way, host, port } = target;
  const onTheWay = way.kind === 'jump' ? await refusedKey(way.through, notesOnTheWay(keyNotes), knownHosts) : undefined;
  if (onTheWay !== undefined) return onTheWay;
  return (await hangsUp())
    ? new HungUp(peerOf(host, port), cause)
    : opensshFailed('UNREACHABLE', target, stderr, cause);
}

/** What is to be said against the key of a host on the way, or of one before it. */
async function refusedKey(
  target: SshTarget,
  keyNotes: string,
  knownHosts: KnownHostsFiles,
): Promise<DeployError | undefined> {
  const shown = await shownKey(keyNotes);
  if (shown !== undefined) return await judged(target, shown, knownHosts);
  const { way } = target;
  return way.kind === 'jump' ? await refusedKey(way.through, notesOnTheWay(keyNotes), knownHosts) : undefined;
}

/** An authority's word on a key is ssh's to judge. */
async function judged(
  target: SshTarget,
  base64: string,
  knownHosts: KnownHostsFiles,
): Promise<DeployError | undefined> {
  const key = hostKeyOf(Buffer.from(base64, 'base64'));
  if (key === undefined || key.type.includes('-cert-')) return undefined;
  const refusal = judgeKey(target, await recall(target, knownHosts), key);
  return refusal?.code === 'HOST_KEY_UNKNOWN' && target.trust.hostKeys === 'accept-new' ? undefined : refusal;
}

async function shownKey(keyNotes: string): Promise<string | undefined> {
  const text = await readFile(keyNotes, 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return '';
    throw error;
  });
  return text
    .split('\n')
    .map((line) => line.split(' ')[1])
    .findLast((key) => key !== undefined && key !== 'NONE');
}
