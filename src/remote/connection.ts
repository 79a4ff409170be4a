import type { Sent } from './script.js';

/** An authenticated connection that can run commands: what `SshRunner` needs of SSH. */
export interface Connection {
  exec(sent: Sent, listener: ExecListener): Exec;
  close(): void;
}

/** Told of the output as it comes, and then, whatever becomes of the connection, of one ending. */
export interface ExecListener {
  stdout(chunk: Buffer): void;
  stderr(chunk: Buffer): void;
  /** @param exitCode undefined when a signal ended the command */
  exited(exitCode: number | undefined): void;
  /** @param error DeployError CONNECTION_LOST: how the command ended, or whether it began, is not known */
  lost(error: Error): void;
}

export interface Exec {
  /** Stops listening. The command itself may go on. */
  close(): void;
}
