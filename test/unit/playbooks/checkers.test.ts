import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { paths } from '../../../playbooks/paths.js';
import { ConfigError } from '../../../src/config/problems/config-error.js';
import { sh } from '../../../src/remote/shell.js';
import { seed } from '../../support/hostile.js';
import { run } from '../../support/ssh/local-shell.js';
import { type Attack, clusterOf, example, strain, withText, written } from './hostile-configuration.js';

const folder = mkdtempSync(join(tmpdir(), 'ha-deploy-checkers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Daemons are not in the PATH of everybody. */
const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };

/** How each is asked on a machine that has its program and nothing else: users, interfaces and files are those of its hosts. */
const checkers = {
  haproxy: {
    path: paths.haproxyConfig,
    adapt: (text: string) =>
      text
        .replaceAll(/^ {4}(user|group|chroot|errorfile) .*\n/gm, '')
        .replaceAll(/ ssl crt \S+/g, '')
        .replaceAll('db-2.example.com:5432', '192.0.2.32:5432'),
    command: (file: string) => sh`haproxy -q -c -f ${file}`,
    isUsual: /^\[NOTICE\]/,
  },
  keepalived: {
    path: paths.keepalivedConfig,
    adapt: (text: string) => text.replaceAll(/^( *script_user ).*/gm, '$1root'),
    command: (file: string) => sh`keepalived -t -f ${file}`,
    isUsual: /doesn't exist$|^Non-existent interface|^exit code 5$/,
  },
} as const;

/** Accepted, and neither looked up in the DNS nor an expression of HAProxy's that the schema does not know. */
function attacks(): readonly Attack[] {
  return fc
    .sample(strain, { numRuns: 160, seed })
    .filter(({ place }) => !/balance|smtpServer|servers/.test(place.path.join('.')))
    .filter(isAccepted)
    .slice(0, 15);
}

function isAccepted({ place, text }: Attack): boolean {
  try {
    clusterOf(withText(place, text));
    return true;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}

async function isHere(program: string): Promise<boolean> {
  return (await run(sh`command -v ${program}`.reveal(), { env })).exitCode === 0;
}

/** What a daemon's checker says of its file of the first node, but for what it says of any. */
async function judgement(program: keyof typeof checkers, yaml: string): Promise<string> {
  const { path, adapt, command, isUsual } = checkers[program];
  const file = written(clusterOf(yaml)).find((candidate) => candidate.path === path);
  const place = join(folder, program);
  writeFileSync(place, adapt(file?.text ?? ''));
  const { stdout } = await run(`( ${command(place).reveal()} ) 2>&1; echo "exit code $?"`, { env });
  return stdout
    .toString()
    .split('\n')
    .filter((line) => !isUsual.test(line))
    .join('\n');
}

describe.each(['haproxy', 'keepalived'] as const)('%s', async (program) => {
  test.skipIf(!(await isHere(program)))('finds nothing wrong with hostile values that were accepted', async () => {
    const accepted = attacks();
    expect(accepted).toHaveLength(15);
    const expected = await judgement(program, example);
    for (const { place, text } of accepted) {
      expect({ place, text, said: await judgement(program, withText(place, text)) }).toEqual({
        place,
        text,
        said: expected,
      });
    }
  });
});
