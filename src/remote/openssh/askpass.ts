import { chmod, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { quote } from '../shell.js';

export interface AskpassListener {
  /** Rejects where there is no answer. @param gone aborts when nobody waits for it any more */
  readonly answer: (question: string, gone: AbortSignal) => Promise<string>;
  /** For what is only to be read, until `isOver`: that a security key is to be touched. */
  readonly show: (text: string, isOver: Promise<void>) => void;
}

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
   */
  static async start(folder: string, name: string, listener: AskpassListener): Promise<Askpass> {
    const [program, socket] = [join(folder, name), join(folder, `${name}.s`)];
    const relay = `const[,socket,text]=process.argv,kind=process.env.SSH_ASKPASS_PROMPT??'',s=require('node:net').connect(socket);s.write(kind+'\\n'+text+'\\0');s.pipe(process.stdout);s.on('error',()=>process.exit(1))`;
    await writeFile(program, `#!/bin/sh\nexec ${quote(process.execPath)} -e ${quote(relay)} ${quote(socket)} "$1"\n`);
    await chmod(program, 0o700);
    const server = createServer((asking) => reply(asking, listener));
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
function reply(asking: Socket, { answer, show }: AskpassListener): void {
  let heard = '';
  const gone = new AbortController();
  const isOver = new Promise<void>((resolve) => asking.once('close', () => resolve()));
  isOver.then(() => gone.abort()).catch(() => undefined);
  asking.on('error', () => undefined);
  asking.setEncoding('utf8').on('data', (text: string) => {
    if (heard.endsWith('\0')) return;
    heard += text;
    if (!heard.endsWith('\0')) return;
    // Of which kind it is (SSH_ASKPASS_PROMPT) stands before it.
    const end = heard.indexOf('\n');
    const [kind, question] = [heard.slice(0, end), heard.slice(end + 1, -1)];
    if (kind === 'none') show(question, isOver);
    else if (kind === '') {
      answer(question, gone.signal).then(
        (word) => asking.end(`${word}\n`),
        () => asking.destroy(),
      );
    } else asking.destroy();
  });
}
