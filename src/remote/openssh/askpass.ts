import { chmod, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Secret } from '../../cluster/secret.js';
import { quote } from '../shell.js';

/** What ssh wants shown, and no answer to: that a security device is to be touched. */
const onlyShown = '[ "$SSH_ASKPASS_PROMPT" != none ] || exit 0\n';

/**
 * Answers the questions of `ssh`, which runs a program for each (SSH_ASKPASS): the program hands it on over a socket that
 * only we can open, and prints what it is told. So no secret is in an argument, the environment or a file.
 */
export class Askpass {
  /** The program to run. */
  readonly program: string;
  readonly #server: Server;

  private constructor(program: string, server: Server) {
    this.program = program;
    this.#server = server;
  }

  /**
   * @param folder of ours alone
   * @param name unique in it
   * @param answer rejects where there is none
   */
  static async start(folder: string, name: string, answer: (question: string) => Promise<Secret>): Promise<Askpass> {
    const [program, socket] = [join(folder, name), join(folder, `${name}.s`)];
    const relay = `const s=require('node:net').connect(process.argv[1]);s.end(process.argv[2]);s.pipe(process.stdout);s.on('error',()=>process.exit(1))`;
    await writeFile(
      program,
      `#!/bin/sh\n${onlyShown}exec ${quote(process.execPath)} -e ${quote(relay)} ${quote(socket)} "$1"\n`,
    );
    await chmod(program, 0o700);
    const server = createServer({ allowHalfOpen: true }, (asking) => reply(asking, answer));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(socket, resolve);
    });
    server.unref();
    return new Askpass(program, server);
  }

  close(): void {
    this.#server.close();
  }
}

/** Without an answer the program prints nothing, and ssh goes on without. */
function reply(asking: Socket, answer: (question: string) => Promise<Secret>): void {
  const chunks: Buffer[] = [];
  asking.on('error', () => undefined);
  asking.on('data', (chunk: Buffer) => chunks.push(chunk));
  asking.once('end', () => {
    answer(Buffer.concat(chunks).toString()).then(
      (secret) => asking.end(`${secret.reveal()}\n`),
      () => asking.destroy(),
    );
  });
}
