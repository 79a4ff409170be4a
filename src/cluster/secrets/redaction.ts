import type { Secret } from './secret.js';

/** Shorter values would be found everywhere, and hide nothing that could not be guessed. */
const minLength = 4;

/** Lines are cut to this length before they are looked at, so that a longer secret is never in one as a whole. */
export const maxLine = 8 * 1024;

/** Takes secrets out of what a host printed: each becomes its label. */
export class Redaction {
  readonly #labels: ReadonlyMap<string, string>;
  readonly #pattern: RegExp | undefined;
  /** Length of the longest secret; 0 without any. */
  readonly longest: number;

  /** Output is looked at line by line, so every line of a secret of several lines counts as one. */
  constructor(secrets: readonly Secret[]) {
    const labels = new Map<string, string>();
    for (const secret of new Set(secrets)) {
      for (const line of secret.reveal().split(/\r\n|\r|\n/)) {
        const value = withoutControls(line);
        if (value.length >= minLength && !/^-----.*-----$/.test(value)) labels.set(value, secret.label);
      }
    }
    // The longest first: one may be part of another.
    const values = [...labels.keys()].toSorted((a, b) => b.length - a.length);
    const findable = values.filter((value) => value.length <= maxLine);
    this.#labels = labels;
    this.#pattern = findable.length > 0 ? new RegExp(findable.map(escaped).join('|'), 'g') : undefined;
    this.longest = values[0]?.length ?? 0;
  }

  /** A line as it may be shown: without control characters and without secrets. */
  line(text: string): string {
    const shown = withoutControls(text);
    return this.#pattern === undefined ? shown : shown.replace(this.#pattern, (value) => this.#labels.get(value) ?? '');
  }

  /** Several lines, such as the error messages of a command; they must not be longer than {@link maxLine}. */
  text(text: string): string {
    return text
      .trim()
      .split(/\r?\n/)
      .map((line) => this.line(line))
      .join('\n');
  }
}

/** Terminal sequences, then what else is not printable; a tab may stay. */
function withoutControls(text: string): string {
  return text.replace(sequences, '').replace(controls, '');
}

// CSI and OSC sequences, and two-character ones, each with its 7-bit introducer or its C1 form.
const sequences =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b\]|\u009d)[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]*[0-~]/g;
const controls = /[\0-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

function escaped(value: string): string {
  return value.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
