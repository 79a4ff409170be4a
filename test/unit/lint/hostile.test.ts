import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DeployError } from '../../../src/errors/deploy-error.js';
import { readPair } from '../../../src/lint/daemons/read-lint-input.js';
import { judge } from '../../../src/lint/rules/judge.js';
import { cases } from '../../support/thoroughness.js';
import { handMade } from './support.js';

/** What somebody may hand in: noise, and files of ours that were cut and mixed. */
const [first] = handMade('good');
const words =
  `${first?.keepalived.text} ${first?.haproxy?.text} { } " ' \\ # ! @ @^ $X include -1 999999999999 1e9`.split(
    /(?<=\s)/,
  );
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.array(fc.constantFrom(...words), { maxLength: 200 }).map((parts) => parts.join('')),
);

test('whatever a file holds, it is judged or refused with its place', () => {
  fc.assert(
    fc.property(text, text, text, (one, other, haproxy) => {
      try {
        const { findings } = judge(
          readPair([
            { name: 'a', keepalived: { file: 'a.conf', text: one }, haproxy: { file: 'a.cfg', text: haproxy } },
            { name: 'b', keepalived: { file: 'b.conf', text: other } },
          ]),
        );
        for (const { line } of findings) expect(line).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toBeInstanceOf(DeployError);
        expect(error).toMatchObject({ code: 'DAEMON_CONFIG_UNREADABLE', exitCode: 3 });
        expect((error as DeployError).message).toMatch(/^[ab]\.(conf|cfg):\d+: /);
      }
    }),
    { numRuns: cases(500) },
  );
});

describe('a file that no daemon would read', () => {
  test.each([
    ['a block that no } ends', 'global_defs {\n', 'a.conf:1: a block that no } ends'],
    ['a } that ends no block', 'global_defs {\n}\n}\n', 'a.conf:3: a } that ends no block'],
    ['a { that begins no block', '{\n}\n', 'a.conf:1: a { that begins no block'],
    ['blocks without end', 'a {\n'.repeat(30), 'a.conf:21: more than 20 blocks in each other'],
    ['a NUL', 'a\n\0\n', 'a.conf:2: a NUL character'],
    ['more than there can be', 'x'.repeat(1024 * 1024 + 1), 'a.conf:1: more than 1048576 characters'],
    ['instances without end', 'vrrp_instance a {\n}\n'.repeat(1001), 'a.conf:2001: more than 1000 blocks of one kind'],
  ])('%s', (_, content, message) => {
    const read = () => readPair([{ name: 'a', keepalived: { file: 'a.conf', text: content } }]);
    expect(read).toThrow(message);
    expect(read).toThrow(DeployError);
  });

  test('sections without end', () => {
    const haproxy = { file: 'a.cfg', text: 'frontend a\n'.repeat(5001) };
    const keepalived = { file: 'a.conf', text: '' };
    expect(() => readPair([{ name: 'a', keepalived, haproxy }])).toThrow('a.cfg:5001: more than 5000 sections');
  });
});
