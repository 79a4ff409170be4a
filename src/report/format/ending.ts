import type { Course, Result, ResultError, StatusResult, Verification } from '../../engine/run/events.js';
import { drillText, listedFault } from '../drill/drill-text.js';
import type { Style } from '../layout/style.js';
import { count } from '../layout/wording.js';
import { made, type Progress } from '../run/progress.js';
import { errorText, type NodeLeft } from '../text/error-text.js';
import { failoverText } from '../text/failover-text.js';
import { courseText } from '../text/forecast-text.js';
import { generationsText } from '../text/generations-text.js';
import { planText, type ShownPlan } from '../text/plan-text.js';
import { resultText } from '../text/result-text.js';
import { verificationText } from '../text/verification-text.js';

export interface Known {
  readonly cluster: string;
  readonly progress: Progress;
  readonly verification?: Verification | undefined;
  /** plan: how `up` would go about it. */
  readonly course?: Course | undefined;
  /** Warnings that the operator has read already. */
  readonly warned: ReadonlySet<string>;
  readonly style: Style;
}

export interface RunSummary {
  /** Blocks of text, for standard output. */
  readonly findings: readonly string[];
  /** One line for a run that went well, and what to try next. */
  readonly closing: string;
  /** For standard error. */
  readonly error: string;
}

/** What is said when everything is over: what was found, what failed, and where that leaves us. */
export function ending(result: Result | StatusResult, known: Known): RunSummary {
  const { style, cluster, progress } = known;
  if ('state' in result) return statusEnding(result, style);
  const plan = result.command === 'plan' ? planBlock(known) : '';
  const felt = result.command === 'drill' ? (result.faults ?? []).map(listedFault) : [];
  const drill = felt.length === 0 ? '' : drillText(cluster, felt, style);
  return {
    findings: [
      plan,
      known.course === undefined ? '' : courseText(known.course, style),
      drill,
      result.generations === undefined ? '' : generationsText(result.generations, style),
      verificationBlock(result, known),
      failoverText(result.failover ?? [], style),
    ].filter(Boolean),
    closing: result.ok ? resultText(result, cluster, style) : '',
    error:
      result.error === undefined ? '' : errorText(briefly(result.error, known), nodesLeft(result, progress), style),
  };
}

/** What is wrong with the cluster was said by its status. */
function statusEnding({ error, state, findings }: StatusResult, style: Style): RunSummary {
  const isSaid = error === undefined || (state !== 'healthy' && findings[0]?.code === error.code);
  return { findings: [], closing: '', error: isSaid ? '' : errorText(error, [], style) };
}

/** The problems that verification found are shown one by one, and need not be in one sentence too. */
function briefly(error: ResultError, { verification }: Known): ResultError {
  const isShown = error.code === 'VERIFY_FAILED' && verification !== undefined && verification.problems.length > 1;
  return isShown
    ? { ...error, message: `the cluster is not as it should be: ${count(verification.problems.length, 'problem')}` }
    : error;
}

/** The plan of all nodes that have one; nothing where there is nothing to do. */
export function planBlock({ progress, style }: Pick<Known, 'progress' | 'style'>): string {
  const plans: ShownPlan[] = [...progress.nodes.values()].filter(
    ({ phase }) => phase === 'planned' || phase === 'changing',
  );
  return plans.every(({ changes }) => changes.length === 0) ? '' : planText(plans, style);
}

/** Where all is well one line says it, unless somebody asked to see. */
function verificationBlock({ command }: Result, { verification, warned, style }: Known): string {
  if (verification === undefined) return '';
  const warnings = verification.warnings.filter((warning) => !warned.has(warning));
  const isCalm =
    command !== 'verify' &&
    verification.problems.length === 0 &&
    verification.services.every(({ backends: { up, total } }) => up === total);
  const shown = isCalm ? { vips: [], services: [], problems: [] } : verification;
  return verificationText({ ...shown, warnings }, style);
}

function nodesLeft({ nodes = {} }: Result, progress: Progress): NodeLeft[] {
  return Object.entries(nodes).map(([node, { outcome, changes }]) => ({
    node,
    outcome,
    planned: changes.length,
    made: made(progress.nodes.get(node)),
  }));
}
