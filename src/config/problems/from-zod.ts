import type * as z from 'zod';
import { nearest } from '../values/nearest.js';
import { type ConfigFinding, mistake, type Path } from './finding.js';
import { adviceOn, habitual } from './habits.js';
import { hidesKey, hidesValue } from './secrecy.js';
import { describe } from './show.js';

type Issue = z.core.$ZodIssue;

/** What the schema has against `value`, which lies at `base` in the file: one finding for each mistake. */
export function findingsOf(issues: readonly Issue[], value: unknown, base: Path): ConfigFinding[] {
  const findings = issues.flatMap((issue) => findingsOfIssue(issue, value, base));
  return findings.filter(
    (finding, index) =>
      findings.findIndex((other) => isSame(finding, other)) === index &&
      !findings.some((other) => other !== finding && explains(other, finding)),
  );
}

function findingsOfIssue(issue: Issue, value: unknown, base: Path): ConfigFinding[] {
  const inner = issue.path.filter((segment) => typeof segment !== 'symbol');
  const path = [...base, ...inner];
  const found = valueAt(value, inner);
  const [expected = '', fix] = issue.message.split('\n');
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey([...path, key], key, expected));
    case 'invalid_union': {
      const branch = issue.errors.find((errors) => !errors.some(isOfWrongShape));
      return branch === undefined ? [refused(path, found, expected, fix)] : findingsOf(branch, found, path);
    }
    case 'invalid_value':
      return [refused(path, found, expected, fix ?? suggestion(found, issue.values))];
    case 'custom':
      if (issue.params?.['at'] === 'key') return [badKey(path, expected, fix)];
      return [refused(path, found, expected, fix)];
    default:
      return [refused(path, found, expected, fix)];
  }
}

/** Whether the value is not even of the kind that this branch of a union is about. */
function isOfWrongShape(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
}

function unknownKey(path: Path, key: string, knownKeys: string): ConfigFinding {
  const hidden = hidesKey(path);
  const found = hidden ? 'an unknown key, not shown here' : `an unknown key, ${describe(key)}`;
  const fix = hidden ? undefined : (adviceOn(key) ?? suggestion(key, knownKeys.split(', ')));
  return { ...mistake(path, found, `one of ${knownKeys}`, fix), at: 'key' };
}

function badKey(path: Path, expected: string, fix: string | undefined): ConfigFinding {
  return { ...mistake(path, describe(path.at(-1)), expected, fix), at: 'key' };
}

function refused(path: Path, found: unknown, expected: string, fix?: string): ConfigFinding {
  if (isScalar(found) && hidesValue(path, found)) return secretInFile(path, expected);
  if (found !== null) return mistake(path, describe(found), expected, fix);
  if (path.length === 0) return mistake(path, 'an empty file', expected, 'Begin with the ten lines of the README.');
  return mistake(path, 'nothing', expected, 'Give it a value; a key that is not needed can be left out.');
}

function secretInFile(path: Path, expected: string): ConfigFinding {
  const fix = 'Keep the secret out of this file: put it into the environment, say, and refer to it as { env: NAME }.';
  const what = path.at(-1) === 'password' ? 'the secret itself' : 'what may be a secret';
  return mistake(path, `${what}, not shown here`, expected, fix);
}

function isScalar(value: unknown): boolean {
  return value !== null && value !== undefined && typeof value !== 'object';
}

function suggestion(word: unknown, known: readonly unknown[]): string | undefined {
  if (typeof word !== 'string') return undefined;
  if (known.some((value) => typeof value === 'number' && String(value) === word)) return 'Leave out the quotes.';
  const words = known.filter((value) => typeof value === 'string');
  const near = habitual(word, words) ?? nearest(word, words);
  return near === undefined ? undefined : meant(near);
}

function meant(word: unknown): string {
  return `Did you mean ${String(word)}?`;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, segment) => (isRecord(inner) && Object.hasOwn(inner, segment) ? inner[segment] : undefined),
    value,
  );
}

function isRecord(value: unknown): value is Record<string | number, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Whether an unknown key is all that is wrong: its map lacks the key that was meant, or is wrong as a whole. */
function explains(unknown: ConfigFinding, other: ConfigFinding): boolean {
  if (unknown.at !== 'key') return false;
  const map = unknown.path.slice(0, -1);
  if (samePath(other.path, map) && other.at === 'value') return true;
  return (
    other.found === 'nothing' && samePath(other.path.slice(0, -1), map) && unknown.fix === meant(other.path.at(-1))
  );
}

function isSame(one: ConfigFinding, other: ConfigFinding): boolean {
  return one.expected === other.expected && one.found === other.found && samePath(one.path, other.path);
}

function samePath(one: Path, other: Path): boolean {
  return one.length === other.length && one.every((segment, index) => segment === other[index]);
}
