import { DeployError } from '../../errors/deploy-error.js';
import type { Step } from '../../resources/resource.js';
import { perform } from '../hosts/perform.js';
import type { Runners } from '../hosts/runners.js';

/** A step of the ledger. @returns what it printed */
export async function keep(runners: Runners, node: string, step: Step): Promise<readonly string[]> {
  const otherwise = {
    message: `${node} cannot keep its ledger`,
    hint: 'See what it printed: often a full or read-only file system.',
  };
  try {
    return await perform(runners.get(node), step, otherwise);
  } catch (error) {
    throw namingDisk(error);
  }
}

/** The same error; where a step of the ledger found a disk full, with the folder that it named. */
function namingDisk(error: unknown): unknown {
  if (!(error instanceof DeployError) || error.code !== 'DISK_FULL') return error;
  const { node = '', output = '' } = error.details;
  const [line, option, folder] = /^full:(-[hi]) (\/.*)$/m.exec(output) ?? [];
  if (line === undefined || option === undefined || folder === undefined) return error;
  const what = option === '-i' ? 'too few inodes' : 'too little room';
  return new DeployError(
    'DISK_FULL',
    `${node} has ${what} left on the file system of ${folder} for what this run would write; nothing was changed`,
    {
      ...error.details,
      output: output.replace(line, '').trim(),
      hint: `Make room there, then run again: \`df ${option} ${folder}\` says which file system it is.`,
    },
  );
}
