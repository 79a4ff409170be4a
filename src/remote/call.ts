import { asDeployError } from '../errors/deploy-error.js';
import type { Connection } from './connection.js';
import { interrupted, rootRefused } from './failures.js';
import { type FrameListener, FrameParser } from './frames.js';
import type { Redaction } from './redaction.js';
import type { Sent } from './script.js';

export interface Call {
  readonly sent: Sent;
  readonly nonce: string;
  readonly user: string;
  readonly redaction: Redaction;
  /** Told what comes back. What it throws ends the call. */
  readonly listener: FrameListener;
  /** Stops listening, at once; what runs on the host goes on. */
  readonly signal?: AbortSignal;
}

/** How a call ended, as root's shell told. */
export interface Ending {
  /** The last marker came: nothing is missing. */
  readonly whole: boolean;
  readonly exitCode: number | undefined;
  /** The end of standard error, ready to be shown. */
  readonly stderr: string;
}

const maxStderr = 4 * 1024;

/**
 * Runs one framed script in one exec, until its last marker. It does not wait for the exit: that saves the time which sudo
 * takes to tidy up, and a process that a step left behind, holding its output, holds up nothing.
 * @throws DeployError CONNECTION_LOST, SUDO_REFUSED, INTERRUPTED
 */
export async function call(
  connection: Connection,
  { sent, nonce, user, redaction, listener, signal }: Call,
): Promise<Ending> {
  let began = false;
  let stderr: Buffer = Buffer.alloc(0);
  const listening = new AbortController();
  return await new Promise<Ending>((resolve, reject) => {
    const end = (whole: boolean, exitCode?: number): void =>
      resolve({ whole, exitCode, stderr: redaction.text(stderr.toString()) });
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
        began ||= marker.kind === 'begin';
        if (marker.kind === 'done' || marker.kind === 'aborted') {
          end(true);
          exec.close();
        }
      },
      content: (chunk) => listener.content(chunk),
    });
    const exec = connection.exec(sent, {
      stdout: (chunk) => guarded(() => parser.push(chunk)),
      stderr: (chunk) => {
        stderr = Buffer.concat([stderr, chunk]).subarray(-maxStderr);
      },
      exited: (exitCode) =>
        guarded(() => {
          parser.end();
          if (began) end(false, exitCode);
          else reject(rootRefused(user, exitCode, redaction.text(stderr.toString())));
        }),
      lost: reject,
    });
    const stop = (): void => {
      reject(interrupted());
      exec.close();
    };
    signal?.addEventListener('abort', stop, { signal: listening.signal });
  }).finally(() => listening.abort());
}
