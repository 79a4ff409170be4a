import { DeployError } from '../../errors/deploy-error.js';
import type { ConfigProblem } from './finding.js';
import { report } from './report.js';

/** Everything that is wrong with a configuration file, at once. Its message is a report, ready to be printed. */
export class ConfigError extends DeployError {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super('CONFIG_INVALID', report(problems), { problems });
    this.problems = problems;
  }
}
