import * as z from 'zod';

/** What to do about a refused value, as a full sentence; nothing where there is no telling. */
type FixFor = (value: unknown) => string | undefined;

/**
 * The message of every issue of our schemas: what was expected and, after a line break, the fix where there is one.
 * `problems/from-zod.ts` takes it apart.
 */
function message(expected: string, fix: string | undefined): string {
  return fix === undefined ? expected : `${expected}\n${fix}`;
}

/** A string that `accepts` says yes to. `expected` is what every other value is told, as in "expected a port". */
export function text(expected: string, accepts: RegExp | ((value: string) => boolean), fixFor?: FixFor): z.ZodString {
  const isAccepted = accepts instanceof RegExp ? (value: string) => accepts.test(value) : accepts;
  // Half a character, as "\uD800" of YAML, cannot be written to a file: another would stand there.
  const isGood = (value: string): boolean => value.isWellFormed() && isAccepted(value);
  const fix = (value: unknown) =>
    fixFor?.(value) ?? (isUnquoted(value) && isGood(String(value)) ? `Put it in quotes: "${value}".` : undefined);
  const schema = z
    .string({ error: (issue) => message(expected, fix(issue.input)) })
    .refine(isGood, { error: (issue) => message(expected, fix(issue.input)) });
  return accepts instanceof RegExp ? schema.meta({ pattern: accepts.source }) : schema;
}

/** A whole number within bounds, both included. */
export function wholeNumberSchema(what: string, least: number, most: number): z.ZodInt {
  const expected = `${what}: a whole number from ${least} to ${most}`;
  const error = (issue: { readonly input?: unknown }) => {
    const isQuoted = typeof issue.input === 'string' && /^\d+$/.test(issue.input);
    return message(expected, isQuoted ? 'Leave out the quotes.' : undefined);
  };
  return z.int({ error }).min(least, { error }).max(most, { error });
}

/** `true` or `false`. */
export function flag(): z.ZodBoolean {
  const error = ({ input }: { readonly input?: unknown }) => {
    const meant = typeof input === 'string' ? spellings.get(input.toLowerCase()) : undefined;
    return message('true or false', meant === undefined ? undefined : `Write ${meant}.`);
  };
  return z.boolean({ error });
}

/** What older YAML took for the same. */
const spellings = new Map([
  ...['yes', 'on', 'true', 'y'].map((word) => [word, 'true'] as const),
  ...['no', 'off', 'false', 'n'].map((word) => [word, 'false'] as const),
]);

/** One of a few words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words, fixFor?: FixFor) {
  const expected = `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
  return z.enum(words, { error: ({ input }) => message(expected, fixFor?.(input)) });
}

/** A map of known keys. Its issue about an unknown key has the known ones as its message, separated by `, `. */
export function section<Shape extends z.ZodRawShape>(what: string, shape: Shape, expected?: string) {
  const keys = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? keys : (expected ?? `${what}: a map with ${keys}`)),
  });
}

const namePattern = /^(?!\d+$)[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const nameRule = 'letters, digits, "-", "_" and ".", beginning with a letter or digit, not a plain number, at most 63';

/** A name of the operator's choosing. It becomes a word of haproxy.cfg, so it can be nothing else there. */
export function name(what: string): z.ZodString {
  return text(`${what}: ${nameRule}`, namePattern);
}

/** A map of names to values. zod's own check of keys would leave the value of a bad one unread. */
export function named<Value extends z.ZodType>(one: string, expected: string, value: Value, most: number) {
  const checkNames = (map: Record<string, unknown>, context: z.core.$RefinementCtx) => {
    const count = Object.keys(map).length;
    if (count === 0) context.addIssue({ code: 'custom', message: `at least one ${one}` });
    if (count > most) context.addIssue({ code: 'custom', message: `at most ${most} of them` });
    for (const key of Object.keys(map).filter((candidate) => !namePattern.test(candidate))) {
      context.addIssue({
        code: 'custom',
        path: [key],
        message: `the name of a ${one}: ${nameRule}`,
        params: { at: 'key' },
      });
    }
  };
  return z
    .record(z.string(), value, {
      error: ({ input }) => message(expected, Array.isArray(input) ? asMap(one) : undefined),
    })
    .superRefine(checkNames, { when: (payload) => isMap(payload.value) })
    .meta({ minProperties: 1, maxProperties: most, propertyNames: { pattern: namePattern.source } });
}

function asMap(one: string): string {
  return `Write each ${one} as "<name>: …" on a line of its own, without a dash before it.`;
}

/** One of several shapes of value, told apart by being a string, a list, a map or `false`; never by content. */
export function either<const Options extends readonly [z.ZodType, z.ZodType, ...z.ZodType[]]>(
  expected: string,
  options: Options,
) {
  return z.union(options, { error: expected });
}

/** The operator's own lines for a configuration file: carried verbatim. */
export function verbatim(): z.ZodString {
  return text('text without a NUL character, in Unicode', (value) => !value.includes('\0'));
}

function isUnquoted(value: unknown): value is number | boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}

function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
