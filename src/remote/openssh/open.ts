import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Secret } from '../../cluster/secret.js';
import { DeployError } from '../../errors/deploy-error.js';
import { systemCode } from '../../errors/system-code.js';
import type { Connection } from '../connection.js';
import { opensshFailed, opensshMissing } from '../failures.js';
import type { Ask } from '../login/question.js';
import type { Opening } from '../opening.js';
import { peerOf } from '../peer.js';
import type { Login, SshTarget } from '../target/target.js';
import { hostKeyOf } from '../trust/host-key.js';
import { judgeKey } from '../trust/host-trust.js';
import { prepareKnownHosts, readKnownHosts } from '../trust/known-hosts-file.js';
import { notesOnTheWay, sshArguments } from './arguments.js';
import { Askpass } from './askpass.js';
import { OpensshConnection } from './connection.js';

/**
 * Keeps an ssh for as long as standard input is open: it must not outlive us, who may be killed, and hold the connection.
 * `$@` is what ssh is called with, `$0` the folder to remove when it is no longer wanted. Where it ends by itself, we do that.
 */
const keeper = `exec 3<&0
ssh "$@" </dev/null 3<&- & hd_ssh=$!
{ cat >/dev/null; if kill "$hd_ssh"; then rm -rf "$0"; fi; } <&3 >/dev/null 2>&1 &
exec 3<&-
wait "$hd_ssh"`;

const maxStderr = 8 * 1024;

/**
 * Connects with the \`ssh\` of this machine: one that stays, and holds the connection, over which others run commands.
 * @throws DeployError UNREACHABLE, AUTH_REFUSED, HOST_KEY_UNKNOWN, HOST_KEY_CHANGED, HOST_KEY_REVOKED, KNOWN_HOSTS_UNREADABLE,
 *   TRANSPORT_UNSUITED
 */
export async function openByOpenssh(target: SshTarget, opening: Opening, stop: AbortSignal): Promise<Connection> {
  const [newHosts] = target.trust.files;
  if (target.trust.hostKeys === 'accept-new' && newHosts !== undefined) await prepareKnownHosts(newHosts);
  // A folder of ours alone, and near the root: the path of a socket has at most 104 bytes.
  const folder = await mkdtemp(join(tmpdir(), 'ha-deploy-'));
  try {
    const { ask } = opening;
    const answer = answers(target.login, ask);
    const askpass = answer && (await Askpass.start(folder, 'askpass', answer));
    const onTheWay = ask && (await Askpass.start(folder, 'askpass-hop', ask));
    const keyNotes = join(folder, 'keys');
    const surroundings = { askpass: askpass?.program, askpassOnTheWay: onTheWay?.program, keyNotes };
    const controlPath = join(folder, 'control');
    const args = sshArguments(target, surroundings, [
      '-MNS',
      controlPath,
      '-oPermitLocalCommand=yes',
      '-oLocalCommand=echo',
    ]);
    const master = spawn('sh', ['-c', keeper, folder, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        ...process.env,
        SSH_ASKPASS: askpass?.program ?? '',
        SSH_ASKPASS_REQUIRE: 'force',
        DISPLAY: process.env['DISPLAY'] ?? ':0',
      },
      // Without our terminal: it would ask there, and Ctrl-C would reach it before us.
      detached: true,
    });
    const end = (): void => void master.stdin.destroy();
    stop.addEventListener('abort', end);
    let stderr: Buffer = Buffer.alloc(0);
    master.stderr.on('data', (chunk: Buffer) => {
      stderr = Buffer.concat([stderr, chunk]).subarray(-maxStderr);
    });
    const failure = await new Promise<unknown>((resolve) => {
      // ssh runs LocalCommand when it is in, and hears others.
      master.stdout.once('data', () => resolve(undefined));
      master.once('error', resolve);
      master.once('exit', (code) => resolve(code === 127 ? opensshMissing() : new Error(`ssh ended with ${code}`)));
    });
    stop.removeEventListener('abort', end);
    askpass?.close();
    onTheWay?.close();
    if (failure !== undefined) {
      end();
      throw failure instanceof DeployError ? failure : await diagnosis(target, keyNotes, stderr.toString(), failure);
    }
    const session = (own: readonly string[]): string[] =>
      sshArguments(target, { keyNotes }, ['-S', controlPath, ...own]);
    return new OpensshConnection(master, session, peerOf(target.host, target.port), () => void remove(folder));
  } catch (error) {
    await remove(folder);
    throw error;
  }
}

async function remove(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** Each secret answers one question: the passphrase only one that names the key, which then no server can have put. */
function answers(
  { only, files, passphrase, password }: Login,
  ask: Ask | undefined,
): ((question: string) => Promise<Secret>) | undefined {
  if (passphrase === undefined && password === undefined && ask === undefined) return undefined;
  const keys = only === undefined ? files : [only];
  let [forKey, forLogin] = [passphrase, password];
  return async (question) => {
    const isOfKey = keys.some((path) => question.includes(path));
    const answer = isOfKey ? forKey : forLogin;
    if (isOfKey) forKey = undefined;
    else forLogin = undefined;
    if (answer !== undefined) return answer;
    if (ask === undefined) throw new Error('nobody can be asked');
    return await ask(question);
  };
}

/** ssh says in words alone why it failed. How far it came tells as much: which key each host has shown, if any. */
async function diagnosis(target: SshTarget, keyNotes: string, stderr: string, cause: unknown): Promise<DeployError> {
  const shown = await shownKey(keyNotes);
  if (shown === undefined) {
    const onTheWay =
      target.way.kind === 'jump' ? await refusedKey(target.way.through, notesOnTheWay(keyNotes)) : undefined;
    return onTheWay ?? opensshFailed('UNREACHABLE', target, stderr, cause);
  }
  return (await judged(target, shown)) ?? opensshFailed('AUTH_REFUSED', target, stderr, cause);
}

/** What is to be said against the key of a host on the way, or of one before it. */
async function refusedKey(target: SshTarget, keyNotes: string): Promise<DeployError | undefined> {
  const shown = await shownKey(keyNotes);
  if (shown !== undefined) return await judged(target, shown);
  return target.way.kind === 'jump' ? await refusedKey(target.way.through, notesOnTheWay(keyNotes)) : undefined;
}

/** An authority's word on a key is ssh's to judge. */
async function judged(target: SshTarget, base64: string): Promise<DeployError | undefined> {
  const key = hostKeyOf(Buffer.from(base64, 'base64'));
  if (key === undefined || key.type.includes('-cert-')) return undefined;
  const refusal = judgeKey(target, await readKnownHosts(target.trust.files), key);
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
