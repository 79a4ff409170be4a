import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { isPlan } from '../../engine/saved-plan/text.js';
import { DeployError } from '../../errors/deploy-error.js';
import { systemCode } from '../../errors/system-code.js';

/** Bytes. The plan of a hundred nodes takes a few million. */
const longest = 64 * 1024 * 1024;

/** The text of a plan's file. @throws DeployError PLAN_UNREADABLE */
export function readPlanFile(path: string): string {
  try {
    const status = statSync(path);
    // To read a pipe or a terminal would wait for somebody.
    if (status.isFile() && status.size <= longest)
      return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (cause) {
    throw unreadable(path, systemCode(cause) ?? 'it is not UTF-8 text', cause);
  }
  throw unreadable(path, 'it is no file, or too long for a plan');
}

function unreadable(path: string, why: string, cause?: unknown): DeployError {
  return new DeployError('PLAN_UNREADABLE', `the plan ${path} cannot be read (${why})`, {
    hint: 'Name the file that `ha-deploy plan --out <file>` has written.',
    cause,
  });
}

/**
 * Before a node is contacted: a plan is written over an older plan, and over nothing else.
 * @throws DeployError USAGE
 */
export function refuseOther(path: string): void {
  if (isFree(path)) return;
  throw new DeployError('USAGE', `${path} exists and is no plan of ha-deploy`, {
    hint: 'It was left alone. Name another file for the plan, or move this one away.',
  });
}

function isFree(path: string): boolean {
  try {
    const status = lstatSync(path);
    return status.isFile() && status.size <= longest && isPlan(readFileSync(path, 'utf8'));
  } catch (error) {
    return systemCode(error) === 'ENOENT';
  }
}

/**
 * Writes a plan whole or not at all, for its owner alone.
 * @throws DeployError USAGE where it cannot be written, or something else has come there
 */
export function writePlanFile(path: string, text: string): void {
  refuseOther(path);
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    const file = openSync(draft, 'wx', 0o600);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
  } catch (cause) {
    rmSync(draft, { force: true });
    throw new DeployError('USAGE', `the plan ${path} cannot be written (${systemCode(cause) ?? 'unknown reason'})`, {
      hint: 'Name a file in a folder that exists and that you may write to; nothing was touched.',
      cause,
    });
  }
}
