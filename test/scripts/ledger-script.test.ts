import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { ledgerParts, ledgerScript } from '../../playbooks/ledger-script.js';
import { shippedTemplate } from '../../src/render/shipped.js';
import { shells } from './ledger-host.js';

/** The script's own lines, without comments, and without what stands in quotes or in the patterns of `case`. */
const lines = ledgerParts.flatMap((name) => {
  const { source } = shippedTemplate(`ledger/${name}.sh`);
  const code = source.replaceAll(/'[^']*'/g, "''").replaceAll(/"[^"\n]*"/g, '""');
  return code
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').replaceAll(/(^\s*|\bin |;; )[^()]*\)(?=\s|$)/g, '$1'));
});

describe('the script of the ledger', () => {
  test.each(Object.entries(shells))('is read by %s', (_, [shell, ...flags]) => {
    const { status, stderr } = spawnSync(shell, [...flags, '-n'], { input: ledgerScript(), encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test('pipes from no command that can fail unseen', () => {
    const piped = lines.filter((line) => /[^|]\|[^|]/.test(line)).map((line) => line.trim());
    expect(piped).toEqual([expect.stringMatching(/^printf %s "" \| base64 -d >/)]);
  });

  test('gives up whether or not it can say why', () => {
    // On a full disk `echo` fails, and what comes after `&&` is not done.
    const silent = lines.filter((line) => /^(?!.*\|\| return).*\b(echo|cat|sed|rm)\b[^|]*&& return\b/.test(line));
    expect(silent).toEqual([]);
  });
});
