import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { paths } from '../../../playbooks/paths.js';
import { type Release, releaseNamed } from '../../../src/cluster/versions/releases.js';
import { ConfigError } from '../../../src/config/problems/config-error.js';
import { sh } from '../../../src/remote/shell.js';
import { convergedPair } from '../../support/cluster.js';
import { seed } from '../../support/hostile.js';
import { releaseOn, type TestLab, testLab } from '../../support/lab.js';
import {
  type Attack,
  clusterOf,
  example,
  strain,
  withText,
  written,
} from '../../unit/playbooks/hostile-configuration.js';

// The daemons themselves say whether a hostile value has become syntax.

let lab: TestLab;
let release: Release | undefined;

beforeAll(async () => {
  lab = await testLab();
  release = releaseNamed(await releaseOn(lab.pair[0]));
  await convergedPair(lab);
});

/** How each is asked on a host that is not the one of the file: users, interfaces and files are those of its hosts. */
const checkers = {
  haproxy: {
    path: paths.haproxyConfig,
    adapt: (text: string) =>
      text
        .replaceAll(/^ {4}(user|group|chroot|errorfile) .*\n/gm, '')
        .replaceAll(/ ssl crt \S+/g, '')
        .replaceAll('db-2.example.com:5432', '192.0.2.32:5432'),
    command: (file: string) => sh`haproxy -c -f ${file}`,
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

/** What a daemon's checker says of its file of the first node, but for what it says of any, and the number of its process. */
async function judgement(
  program: keyof typeof checkers,
  yaml: string,
  spoil: (text: string) => string = (text) => text,
): Promise<string> {
  const { path, adapt, command, isUsual } = checkers[program];
  const file = written(clusterOf(yaml), release).find((candidate) => candidate.path === path);
  const text = Buffer.from(spoil(adapt(file?.text ?? ''))).toString('base64');
  const place = `/run/e2e-${program}`;
  const [host] = lab.pair;
  const { output } = await host.run(
    `echo ${text} | base64 -d >${place}; ( ${command(place).reveal()} ) 2>&1 || echo "exit code $?"; rm -f ${place}`,
  );
  return output
    .replaceAll(/^(\[\w+\] +)\(\d+\)/gm, '$1')
    .split('\n')
    .filter((line) => !isUsual.test(line))
    .join('\n');
}

describe.each(['haproxy', 'keepalived'] as const)('%s', (program) => {
  test('finds nothing wrong with hostile values that were accepted', async () => {
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

  test('would say so', async () => {
    const broken = await judgement(program, example, (text) => `${text}\nhd_injected on\n`);
    expect(broken).toContain('hd_injected');
    expect(await judgement(program, example)).not.toContain('hd_injected');
  });
});
