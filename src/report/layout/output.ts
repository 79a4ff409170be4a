import type { Writable } from 'node:stream';

/** Where text goes. A reader that went away (`| head`) ends the text, never the run. */
export interface Output {
  /** One or more lines; nothing where there is no text. */
  lines(text: string): void;
  /** When everything has left this process. */
  flushed(): Promise<void>;
}

/** Lines on this stream. */
export function outputTo(stream: Writable): Output {
  let isGone = false;
  stream.on('error', () => {
    isGone = true;
  });
  return {
    lines(text) {
      if (text !== '' && !isGone) stream.write(`${text}\n`);
    },
    async flushed() {
      if (isGone) return;
      await new Promise<void>((resolve) => {
        stream.write('', () => {
          resolve();
        });
      });
    },
  };
}
