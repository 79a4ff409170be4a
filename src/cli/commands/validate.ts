import { readFileSync } from 'node:fs';
import { newValues, releasesBefore } from '../../cluster/versions/values-since.js';
import type { Journal } from '../../engine/run/journal.js';
import { DeployError, type ExitCode, exitCodes } from '../../errors/deploy-error.js';
import { systemCode } from '../../errors/system-code.js';
import { readPair } from '../../lint/daemons/read-lint-input.js';
import type { DaemonFile } from '../../lint/daemons/source.js';
import { ruleIds } from '../../lint/ids.js';
import type { Judgement } from '../../lint/judgement.js';
import { type Ignored, judge } from '../../lint/rules/judge.js';
import { tellOfCertificatesThere } from '../inputs/certificate-warnings.js';
import { judgeCluster, throwBroken } from '../inputs/lint-gate.js';
import { filesByHand } from '../inputs/lint-input.js';
import { conduct, type GlobalOptions, invoke } from '../invoke/invoke.js';

export interface ValidateOptions extends GlobalOptions {
  /** Hand-made files in place of a configuration of ours. */
  readonly keepalived?: readonly string[];
  readonly haproxy?: readonly string[];
  /** `HA039=reason`, for hand-made files. */
  readonly ignore?: readonly string[];
}

export function validateCommand(options: ValidateOptions): Promise<number> {
  const { keepalived, haproxy = [], ignore = [] } = options;
  if (keepalived !== undefined) {
    return conduct('validate', options, keepalived.join(', '), async ({ journal }) => {
      const files = filesByHand(keepalived.map(read), haproxy.map(read));
      return tell(judge(readPair(files), ignoredOf(ignore)), journal);
    });
  }
  return invoke('validate', options, async ({ cluster, journal }) => {
    if (haproxy.length > 0 || ignore.length > 0) {
      throw new DeployError('USAGE', '--haproxy and --ignore go with --keepalived', {
        hint: 'For a cluster of ha-deploy write lint.ignore in its configuration.',
      });
    }
    for (const value of cluster.services.flatMap(newValues)) {
      const message = `${value.key}: ${value.value} needs HAProxy ${value.since.text}, which ${releasesBefore(value).join(', ')} do not have`;
      journal.tell({ event: 'warning', message, hint: 'See docs/versions.md; `plan` asks the nodes what they have.' });
    }
    tellOfCertificatesThere(cluster, journal);
    return tell(judgeCluster(cluster, journal), journal);
  });
}

function tell(judgement: Judgement, journal: Journal): ExitCode {
  journal.judged(judgement);
  throwBroken(judgement.findings);
  return exitCodes.ok;
}

function read(file: string): DaemonFile {
  try {
    return { file, text: readFileSync(file, 'utf8') };
  } catch (thrown) {
    throw new DeployError('USAGE', `${file} cannot be read (${systemCode(thrown) ?? 'unknown reason'})`, {
      hint: 'Give the path of a file that you may read.',
      cause: thrown,
    });
  }
}

function ignoredOf(entries: readonly string[]): Ignored {
  return new Map(
    entries.map((entry): [string, string] => {
      const [, id = '', reason = ''] = /^([^=]*)=(.*)$/.exec(entry) ?? [];
      if (ruleIds.includes(id) && reason.trim() !== '') return [id, reason];
      throw new DeployError('USAGE', `--ignore ${entry}`, {
        hint: 'Write the id of a rule and a reason, such as --ignore "HA039=set by our base image".',
      });
    }),
  );
}
