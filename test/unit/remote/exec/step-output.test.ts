import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Redaction } from '../../../../src/cluster/secrets/redaction.js';
import { Secret } from '../../../../src/cluster/secrets/secret.js';
import { StepOutput } from '../../../../src/remote/exec/step-output.js';

function print(
  chunks: readonly (string | Buffer)[],
  redaction = new Redaction([]),
): { lines: string[]; output: string } {
  const lines: string[] = [];
  const output = new StepOutput(redaction, (line) => lines.push(line));
  for (const chunk of chunks) output.push(Buffer.from(chunk));
  return { output: output.end(), lines };
}

describe('StepOutput', () => {
  it('tells lines as they become whole, the last one also without its end', () => {
    expect(print(['on', 'e\ntwo\r', '\n\nlast'])).toEqual({
      lines: ['one', 'two', '', 'last'],
      output: 'one\ntwo\n\nlast',
    });
  });

  it('is the same however it comes in pieces, also in the middle of a character', () => {
    const text = fc.array(
      fc.string({ unit: 'grapheme' }).map((line) => line.replaceAll(/[\r\n]/g, '')),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 7 }), (lines, size) => {
        const bytes = Buffer.from(lines.join('\n'));
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
          bytes.subarray(index * size, (index + 1) * size),
        );
        expect(print(chunks)).toEqual(print([bytes]));
      }),
    );
  });

  it('shows what a terminal would show of a line that was written again and again', () => {
    expect(print(['Reading 5%\rReading 50%\rDone\r\n']).lines).toEqual(['Done']);
  });

  it('keeps the last 64 KiB', () => {
    const { lines, output } = print([Array.from({ length: 20_000 }, (_, index) => `line ${index}\n`).join('')]);
    expect(lines).toHaveLength(20_000);
    expect(output).toHaveLength(64 * 1024);
    expect(output.endsWith('line 19998\nline 19999')).toBe(true);
  });

  it('cuts a line that does not end, without showing a part of a secret', () => {
    const secret = new Secret('env PASSWORD', () => 'hunter2-hunter2');
    const redaction = new Redaction([secret]);
    for (const before of [8 * 1024 - 5, 8 * 1024 - 10, 8 * 1024 - 14]) {
      const [line = ''] = print(
        ['x'.repeat(before), 'hunter2-', 'hunter2', 'y'.repeat(1_000_000), '\n'],
        redaction,
      ).lines;
      expect(line).toMatch(/^x+ …$/);
      expect(line.length).toBeGreaterThan(8 * 1024 - 40);
    }
  });

  it('shows no part of a secret that is longer than a line may be', () => {
    const redaction = new Redaction([
      new Secret('file key', () => 'k'.repeat(5_000_000)),
      new Secret('env PASSWORD', () => 'hunter2'),
    ]);
    expect(print(['k'.repeat(5_000_000), '\n', 'hunter2\n'], redaction).lines).toEqual([
      ' …',
      '<secret: env PASSWORD>',
    ]);
  });
});
