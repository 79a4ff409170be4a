import type { ErrorCode } from 'yaml';
import { type ConfigFinding, mistake } from '../problems/finding.js';

interface Explanation {
  readonly found: string;
  readonly expected: string;
  readonly fix?: string;
}

/** Our words for what the parser objects to: its own quote the text, which may be a secret. */
const explanations: Partial<Record<ErrorCode, Explanation>> = {
  BAD_ALIAS: {
    found: 'an alias (*name) whose anchor (&name) is not above it',
    expected: 'a value',
    fix: 'Put a value that begins with "*" in quotes.',
  },
  BAD_DIRECTIVE: { found: 'a line that begins with "%"', expected: 'keys and values' },
  BAD_DQ_ESCAPE: {
    found: 'an unknown escape in double quotes',
    expected: 'a backslash only in the escapes of YAML',
    fix: 'Use single quotes, in which a backslash is a backslash.',
  },
  BAD_INDENT: { found: 'indentation that does not fit the lines above', expected: 'keys of one map in one column' },
  BAD_SCALAR_START: {
    found: 'a value that begins with a character that YAML keeps for itself',
    expected: 'a value',
    fix: 'Put it in quotes.',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    found: 'a map or list in the middle of a line',
    expected: 'one value after "key: "',
    fix: 'Look whether the next line stands in the right column. A value that contains ": " belongs in quotes, a map on the next line.',
  },
  BLOCK_IN_FLOW: { found: 'an indented map or list inside { } or [ ]', expected: 'values separated by commas' },
  DUPLICATE_KEY: { found: 'a key that this map has already', expected: 'each key once', fix: 'Remove one of the two.' },
  KEY_OVER_1024_CHARS: { found: 'a key of more than 1024 characters', expected: 'a shorter key' },
  MISSING_CHAR: {
    found: 'text in which a character is missing',
    expected: 'a comma between values, or a space after ":"',
  },
  MULTILINE_IMPLICIT_KEY: {
    found: 'a key that goes over several lines',
    expected: '"key: value"',
    fix: 'Look for a missing ":" or for a value that is not indented.',
  },
  MULTIPLE_DOCS: { found: 'a second document, after "---"', expected: 'one document', fix: 'Remove the "---".' },
  NON_STRING_KEY: { found: 'a key that is a list or a map', expected: 'a key that is text' },
  TAB_AS_INDENT: { found: 'a tab', expected: 'spaces for indentation', fix: 'Replace the tab by spaces.' },
  TAG_RESOLVE_FAILED: { found: 'a tag (!name) that means nothing here', expected: 'a plain value' },
};

const otherwise: Explanation = { found: 'text that is not YAML', expected: 'keys and values in YAML' };

/** What a parser's complaint is called here. */
export function syntaxFinding(code: ErrorCode): ConfigFinding {
  const { found, expected, fix } = explanations[code] ?? otherwise;
  return mistake([], found, expected, fix);
}

/** Of a line below one that has its value already. */
export const tooDeepLine = mistake(
  [],
  'a line that is indented deeper than the one above, which has its value already',
  'keys of one map in one column',
  'Give it the indentation of the line above. A value that goes over several lines and contains ": " belongs in quotes.',
);

/** Of a quote or bracket that opens and has no end. */
export const neverClosed = mistake([], 'a quote or bracket that is never closed', 'its counterpart further on');
