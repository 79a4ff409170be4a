import fc from 'fast-check';
import { expect, test } from 'vitest';
import { observeScript } from '../../../src/remote/exec/script.js';
import { sh } from '../../../src/remote/shell.js';
import { anyPiece, seed } from '../../support/hostile.js';
import { run, ShellFolder } from '../../support/ssh/local-shell.js';
import { cases } from '../../support/thoroughness.js';

const wrapping = { nonce: '0123456789abcdef0123456789abcdef', rights: { user: 'root' }, runFolder: '/nonexistent' };

/** Several pieces are 10 kB long. No word can hold NUL, and a lone surrogate has no UTF-8. */
const words = fc
  .sample(anyPiece, { numRuns: cases(300), seed })
  .map((word) => word.replaceAll('\0', ''))
  .filter((word) => word.isWellFormed());

test.each(['/bin/dash', '/bin/bash'])('%s reads back lists and nested pieces of hostile words', async (shell) => {
  const folder = new ShellFolder(shell);
  try {
    const nested = words.map((word) => sh`{ printf '%s\\0' ${[word, word]}; }`);
    const each = nested.reduce((before, piece) => sh`${before}\n${piece}`);
    const { command, input } = observeScript([{ id: 'words', command: each }], wrapping);
    const { stdout } = await run(command, { env: folder.env, ...(input && { input }) });
    const read = stdout.toString().split('\0').slice(0, -1);
    const [, first = ''] = /start 0\u001e([^]*)$/.exec(read[0] ?? '') ?? [];
    expect([first, ...read.slice(1)]).toEqual(words.flatMap((word) => [word, word]));
  } finally {
    folder.remove();
  }
});
