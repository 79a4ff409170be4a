import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import type { Cluster } from '../cluster/cluster.js';
import { DeployError } from '../errors/deploy-error.js';
import { crossFindings } from './check/findings.js';
import { secretFileFindings } from './check/secret-files.js';
import { expandCluster } from './expand/cluster.js';
import { readDraft } from './expand/draft.js';
import { type Files, localFiles, readText, type UnreadableFile } from './expand/files.js';
import type { LoadContext } from './expand/surroundings.js';
import { readTemplates } from './expand/templates.js';
import { ConfigError } from './problems/config-error.js';
import type { ConfigProblem } from './problems/finding.js';
import { parseYaml } from './yaml/parse.js';

export interface LoadOptions {
  /** The configuration file as the operator named it; messages show it so. */
  readonly path: string;
  /** What a relative `path` is relative to. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Where files are read; this machine's disk unless given. */
  readonly files?: Files;
}

export interface Loaded {
  readonly cluster: Cluster;
  /** Of the file, 12 hexadecimal digits: no secret is in it. */
  readonly digest: string;
  readonly warnings: readonly ConfigProblem[];
}

/**
 * Reads a configuration file, whole: every short form made long, every default filled in, secrets referred to, not read.
 * @throws DeployError CONFIG_NOT_FOUND
 * @throws ConfigError CONFIG_INVALID, with everything that is wrong at once
 */
export function loadCluster(options: LoadOptions): Loaded {
  const { path, cwd, env, home, files = localFiles } = options;
  const file = resolve(cwd, path);
  const surroundings: LoadContext = { directory: dirname(file), env, home, files };
  const content = readText(files, file);
  if (content.text === undefined) throw unreadable(path, content);
  return interpret(path, content.text, surroundings);
}

function interpret(path: string, text: string, surroundings: LoadContext): Loaded {
  const { source, problems, content } = parseYaml(path, text);
  if (content === undefined) throw new ConfigError(problems);

  const draft = readDraft(content.value);
  const { templates, findings } = readTemplates(draft.sections.templates, surroundings);
  const all = [...draft.findings, ...crossFindings(draft), ...findings, ...secretFileFindings(draft, surroundings)];
  const located = [...problems, ...all.map((finding) => source.locate(finding))].toSorted(byPlace);
  const mistakes = located.filter((problem) => problem.severity === 'error');
  if (mistakes.length > 0 || draft.input === undefined) throw new ConfigError(mistakes);

  const warnings = located.filter((problem) => problem.severity === 'warning');
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 12);
  return { cluster: expandCluster(draft.input, templates, surroundings), digest, warnings };
}

function byPlace(one: ConfigProblem, other: ConfigProblem): number {
  return one.line - other.line || one.column - other.column;
}

function unreadable(path: string, { why, missing, around }: UnreadableFile): DeployError {
  if (missing) {
    return new DeployError('CONFIG_NOT_FOUND', `${path} does not exist`, {
      hint: 'Write one, beginning with the ten lines of the README, or name another with --config.',
    });
  }
  const before = around?.slice(0, around.indexOf('\uFFFD')).split('\n') ?? [''];
  const place = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  const problem = { severity: 'error', file: path, path: '', ...place } as const;
  return new ConfigError([
    { ...problem, found: `a file that ${why}`, expected: 'a YAML file in UTF-8, of at most 1 MiB' },
  ]);
}
