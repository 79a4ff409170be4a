import type { Redaction } from '../../cluster/secrets/redaction.js';
import { asDeployError } from '../../errors/deploy-error.js';
import type { Connection } from '../link/connection.js';
import { interrupted, passwordRefused, rootRefused } from '../link/failures.js';
import type { Rights } from '../link/sudo.js';
import { type FrameListener, FrameParser } from './frames.js';
import { Sightings } from './occurrences.js';
import type { Sent } from './script.js';
import { Tail } from './tail.js';

export interface Call {
  readonly sent: Sent;
  readonly nonce: string;
  readonly rights: Rights;
  readonly redaction: Redaction;
  /** Told what comes back. What it throws ends the call. */
  readonly listener: FrameListener;
  /** Stops listening, at once; what runs on the host goes on. */
  readonly signal?: AbortSignal;
}

/** How a call ended, as root's shell told. */
export interface CallEnd {
  /** The last marker came: nothing is missing. */
  readonly whole: boolean;
  readonly exitCode: number | undefined;
  /** The end of standard error, ready to be shown. */
  readonly stderr: string;
}

const maxKept = 4 * 1024;
/** For sudo, and all that it asks before it lets anybody in: what takes longer hangs, or asks for what we do not know. */
const patienceMs = 60_000;

/**
 * Runs one framed script in one exec, until its last marker. It does not wait for the exit: that saves the time which sudo
 * takes to tidy up, and a process that a step left behind, holding its output, holds up nothing.
 *
 * A password is given once, when sudo asks for it, and nothing follows it before root's shell has said so: sudo would take
 * that for another attempt, and root's shell a password that sudo did not want for its script.
 * @throws DeployError CONNECTION_LOST, SUDO_REFUSED, INTERRUPTED
 */
export async function call(
  connection: Connection,
  { sent, nonce, rights, redaction, listener, signal }: Call,
): Promise<CallEnd> {
  let began = false;
  let isGiven = false;
  const stderr = new Tail(maxKept);
  /** What comes in place of root's shell, or before it. */
  const before = new Tail(maxKept);
  let timer: NodeJS.Timeout | undefined;
  const { password } = rights;
  const listening = new AbortController();
  return await new Promise<CallEnd>((resolve, reject) => {
    const shown = (...texts: readonly string[]): string =>
      redaction.text(texts.join('\n').replaceAll(sent.prompt || '\0', ''));
    const end = (whole: boolean, exitCode?: number): void => resolve({ whole, exitCode, stderr: shown(stderr.text) });
    const refused = (exitCode?: number): void =>
      reject(rootRefused(rights, exitCode, shown(before.text, stderr.text), isGiven));
    /** A listener that throws must not bring down the connection, in whose events it is called. */
    const guarded = (action: () => void): void => {
      try {
        action();
      } catch (error) {
        reject(asDeployError(error));
      }
    };
    const parser = new FrameParser(nonce, {
      marker: (marker) => {
        listener.marker(marker);
        if (marker.kind === 'begin' && !began) {
          began = true;
          if (sent.waits) exec.input.end(sent.input);
        }
        if (marker.kind === 'done' || marker.kind === 'aborted') {
          end(true);
          exec.close();
        }
      },
      content: (chunk) => {
        if (!began) before.push(chunk);
        listener.content(chunk);
      },
    });
    const prompts = new Sightings(Buffer.from(sent.prompt ?? ''), (count) => {
      if (began || password === undefined) return;
      if (count === 1) {
        isGiven = true;
        exec.input.write(`${password.reveal()}\n`);
      } else {
        reject(passwordRefused(rights, shown(before.text, stderr.text)));
        exec.close();
      }
    });
    const exec = connection.exec(
      { line: sent.command, terminal: rights.terminal },
      {
        stdout: (chunk) =>
          guarded(() => {
            parser.push(chunk);
            // In a terminal both streams are one.
            if (rights.terminal === true && !began) prompts.push(chunk);
          }),
        stderr: (chunk) =>
          guarded(() => {
            stderr.push(chunk);
            prompts.push(chunk);
          }),
        exited: (exitCode) =>
          guarded(() => {
            parser.end();
            if (began) end(false, exitCode);
            else refused(exitCode);
          }),
        lost: reject,
      },
    );
    exec.input.on('error', () => undefined);
    if (!sent.waits) exec.input.end(sent.input);
    timer = setTimeout(() => {
      if (began) return;
      refused();
      exec.close();
    }, patienceMs);
    const stop = (): void => {
      reject(interrupted());
      exec.close();
    };
    signal?.addEventListener('abort', stop, { signal: listening.signal });
  }).finally(() => {
    clearTimeout(timer);
    listening.abort();
  });
}
