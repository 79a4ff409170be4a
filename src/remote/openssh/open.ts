import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DeployError } from '../../errors/deploy-error.js';
import type { Connection } from '../link/connection.js';
import type { Patience } from '../link/deadline.js';
import { opensshMissing } from '../link/failures.js';
import { peerOf } from '../target/peer.js';
import type { SshTarget } from '../target/target.js';
import { prepareKnownHosts } from '../trust/known-hosts-file.js';
import type { Opening } from '../trust/opening.js';
import { sshArguments } from './arguments.js';
import { letGo, OpensshConnection } from './connection.js';
import { diagnosis } from './diagnosis.js';
import { makeFolder } from './folder.js';
import { hangsUp } from './hangs-up.js';
import { Questions } from './questions.js';

/**
 * Keeps an ssh for as long as standard input is open: it must not outlive us, who may be killed, and hold the connection.
 * Nor may what it has started, to get there and to ask: the whole group ends, of which this shell is the leader. `$@` is what
 * ssh is called with, `$0` the folder to remove when it is no longer wanted. Where it ends by itself, we do that.
 */
const keeper = `exec 3<&0
ssh "$@" </dev/null 3<&- & hd_ssh=$!
{ cat >/dev/null; trap '' TERM; if kill -0 $$; then kill 0; rm -rf "$0"; else kill 0; fi; } <&3 >/dev/null 2>&1 &
exec 3<&-
wait "$hd_ssh"`;

const maxStderr = 8 * 1024;

/**
 * Connects with the `ssh` of this machine: one that stays, and holds the connection, over which others run commands.
 * @throws DeployError UNREACHABLE, AUTH_REFUSED, HOST_KEY_UNKNOWN, HOST_KEY_CHANGED, HOST_KEY_REVOKED, KNOWN_HOSTS_UNREADABLE,
 *   TRANSPORT_UNSUITED, and what keeps a question of ssh's from its answer
 */
export async function openByOpenssh(target: SshTarget, opening: Opening, patience: Patience): Promise<Connection> {
  const [newHosts] = target.trust.files;
  if (target.trust.hostKeys === 'accept-new' && newHosts !== undefined) await prepareKnownHosts(newHosts);
  const folder = await makeFolder();
  try {
    const questions = await Questions.listen(folder, target, opening, patience);
    return await openIn(folder, target, questions, opening, patience).finally(() => questions.close());
  } catch (error) {
    await remove(folder);
    throw error;
  }
}

async function openIn(
  folder: string,
  target: SshTarget,
  questions: Questions,
  { knownHosts }: Opening,
  { stop }: Patience,
): Promise<OpensshConnection> {
  const keyNotes = join(folder, 'keys');
  const controlPath = join(folder, 'control');
  // ssh runs LocalCommand when it is in, and hears others.
  const own = ['-MNS', controlPath, '-oPermitLocalCommand=yes', '-oLocalCommand=echo'];
  stop.throwIfAborted();
  const master = startMaster(folder, sshArguments(target, { askpass: questions.programs, keyNotes }, own), questions);
  const end = (): void => void master.stdin.destroy();
  stop.addEventListener('abort', end);
  let stderr: Buffer = Buffer.alloc(0);
  master.stderr.on('data', (chunk: Buffer) => {
    stderr = Buffer.concat([stderr, chunk]).subarray(-maxStderr);
  });
  const cause = await new Promise<unknown>((resolve) => {
    master.stdout.once('data', () => resolve(undefined));
    master.once('error', resolve);
    master.once('exit', (code) => resolve(code === 127 ? opensshMissing() : new Error(`ssh ended with ${code}`)));
  });
  stop.removeEventListener('abort', end);
  if (cause !== undefined) {
    try {
      stop.throwIfAborted();
      if (questions.failure !== undefined) throw questions.failure;
      if (cause instanceof DeployError) throw cause;
      throw await diagnosis(target, {
        keyNotes,
        knownHosts,
        stderr: stderr.toString(),
        cause,
        hangsUp: async () => !questions.wereAsked && (await hangsUp(target, stop)),
      });
    } finally {
      letGo(master);
    }
  }
  let notes = 0;
  return new OpensshConnection({
    process: master,
    peer: peerOf(target.host, target.port),
    session: (options, refusalNote) => sshArguments(target, { keyNotes, refusalNote }, ['-S', controlPath, ...options]),
    newNote: () => join(folder, `refused-${++notes}`),
    ended: () => void remove(folder),
  });
}

function startMaster(
  folder: string,
  args: readonly string[],
  { programs: [askpass = ''] }: Questions,
): ChildProcessWithoutNullStreams {
  return spawn('sh', ['-c', keeper, folder, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      ...process.env,
      SSH_ASKPASS: askpass,
      SSH_ASKPASS_REQUIRE: 'force',
      DISPLAY: process.env['DISPLAY'] ?? ':0',
    },
    // Without our terminal: it would ask there, and Ctrl-C would reach it before us.
    detached: true,
  });
}

/** The keeper does it as well; whoever is second finds nothing. What cannot be removed holds no secret. */
async function remove(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true }).catch(() => undefined);
}
