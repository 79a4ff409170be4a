import type { Readable, Writable } from 'node:stream';

/** An authenticated connection that can run commands: what `SshRunner` needs of SSH. */
export interface Connection {
  exec(command: RemoteCommand, listener: ExecListener): Exec;
  /** Resolves when it has ended, however that came. */
  readonly gone: Promise<void>;
  close(): void;
}

export interface RemoteCommand {
  readonly line: string;
  /** In a terminal of its own there, where a host insists; standard error then comes with standard output. */
  readonly terminal?: boolean | undefined;
}

/** Told of the output as it comes, and then, whatever becomes of the connection, of one ending. */
export interface ExecListener {
  stdout(chunk: Buffer): void;
  stderr(chunk: Buffer): void;
  /** @param exitCode undefined when a signal ended the command */
  exited(exitCode: number | undefined): void;
  /**
   * The host takes no other session over this connection while it has those that it has. The command has not begun.
   * Without this, it is tried until it begins, or counts as lost.
   * @param input what was meant for the command
   */
  refused?(input: Readable): void;
  /** @param error DeployError CONNECTION_LOST: how the command ended, or whether it began, is not known */
  lost(error: Error): void;
}

export interface Exec {
  /** The command's standard input. What cannot be delivered any more is dropped: the listener is told of the ending. */
  readonly input: Writable;
  /** Stops listening. The command itself may go on. */
  close(): void;
}
