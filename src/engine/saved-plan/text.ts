import { DeployError } from '../../errors/deploy-error.js';
import { type Action, actions } from '../../resources/resource.js';
import { format, type SavedChange, type SavedNode, type SavedPlan } from './saved-plan.js';

/** By this a plan of ours is told from any other file. */
const kind = 'ha-deploy plan';

/** A plan as the text of its file. */
export function serializePlan(plan: SavedPlan): string {
  return `${JSON.stringify({ kind, format, ...plan }, undefined, 2)}\n`;
}

/** Whether a file holds a plan of ours, of whatever format: only that may be written over. */
export function isPlan(text: string): boolean {
  const read = jsonOf(text);
  return isObject(read) && read['kind'] === kind;
}

/**
 * The plan that a file holds. What does not belong there is left out; whatever is missing or odd refuses the file.
 * @throws DeployError PLAN_UNREADABLE
 */
export function parsePlan(text: string): SavedPlan {
  const read = jsonOf(text);
  if (!isObject(read) || read['kind'] !== kind) throw unreadable('it is no plan of ha-deploy');
  if (read['format'] !== format)
    throw unreadable(
      `its format is ${JSON.stringify(read['format'])}, and this ha-deploy knows ${format}`,
      'Apply it with the ha-deploy that made it, or plan again with this one.',
    );
  return {
    version: textIn(read, 'version'),
    madeAt: textIn(read, 'madeAt', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/),
    salt: textIn(read, 'salt', hexadecimal),
    cluster: textIn(read, 'cluster'),
    wanted: textIn(read, 'wanted', hexadecimal),
    nodes: listIn(read, 'nodes').map(nodeOf),
  };
}

const hexadecimal = /^[0-9a-f]{32}$/;

function nodeOf(fields: Fields): SavedNode {
  return {
    node: textIn(fields, 'node'),
    ...('supposed' in fields && { supposed: textIn(fields, 'supposed') }),
    changes: listIn(fields, 'changes').map(changeOf),
  };
}

function changeOf(fields: Fields): SavedChange {
  return {
    resource: textIn(fields, 'resource', /^[a-z-]+:./),
    action: actionIn(fields),
    summary: textIn(fields, 'summary'),
    ...('diff' in fields && { diff: textIn(fields, 'diff') }),
    ...('replaces' in fields && { replaces: textIn(fields, 'replaces', hexadecimal) }),
    step: textIn(fields, 'step', hexadecimal),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textIn(fields: Fields, key: string, pattern = /^/): string {
  const value = Object.hasOwn(fields, key) ? fields[key] : undefined;
  if (typeof value === 'string' && pattern.test(value)) return value;
  throw unreadable(`"${key}" is missing in it, or is not what it should be`);
}

function listIn(fields: Fields, key: string): readonly Fields[] {
  const value = Object.hasOwn(fields, key) ? fields[key] : undefined;
  if (Array.isArray(value) && value.every(isObject)) return value;
  throw unreadable(`"${key}" is missing in it, or is not what it should be`);
}

function actionIn(fields: Fields): Action {
  const value = textIn(fields, 'action');
  const action = actions.find((known) => known === value);
  if (action === undefined) throw unreadable(`${JSON.stringify(value)} is no action that this ha-deploy knows`);
  return action;
}

function unreadable(why: string, hint = 'Make one with `ha-deploy plan --out <file>`.'): DeployError {
  return new DeployError('PLAN_UNREADABLE', `the plan cannot be used: ${why}`, { hint });
}
