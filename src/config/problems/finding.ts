/** The way from the top of the file to a value: keys, and indexes of lists. */
export type Path = readonly (string | number)[];

/** Something about the configuration that its author should know: a {@link ConfigProblem} without its place in the file. */
export interface ConfigFinding {
  readonly severity: 'error' | 'warning';
  readonly path: Path;
  /** Whether the key itself is at fault; else its value. */
  readonly at: 'key' | 'value';
  readonly found: string;
  readonly expected: string;
  /** What to do: a full sentence. */
  readonly fix?: string | undefined;
}

/** A finding and where in the file it is: what `--json` shows. Nothing in it comes from a secret. */
export interface ConfigProblem {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in UTF-16 code units. */
  readonly column: number;
  /** Such as `services.k8s-apiserver.port`; empty for the file as a whole. */
  readonly path: string;
  readonly found: string;
  readonly expected: string;
  readonly fix?: string | undefined;
  readonly excerpt?: Excerpt | undefined;
}

/** The line at fault, as it may be shown: long ones cut, secrets and control characters replaced. */
export interface Excerpt {
  readonly text: string;
  /** What is marked in `text`: the first character, counted from 0, and how many. */
  readonly start: number;
  readonly length: number;
}

/** Something that is wrong with the value at `path`. */
export function mistake(path: Path, found: string, expected: string, fix?: string): ConfigFinding {
  return { severity: 'error', path, at: 'value', found, expected, fix };
}

/** Something that works, and that the operator may not have meant. */
export function warning(path: Path, found: string, expected: string, fix?: string): ConfigFinding {
  return { severity: 'warning', path, at: 'value', found, expected, fix };
}
