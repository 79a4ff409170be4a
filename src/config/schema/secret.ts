import type * as z from 'zod';
import { section, text } from './text.js';
import { pathSchema } from './values.js';

/** How a variable of the environment may be named (POSIX). */
export const environmentName = /^[A-Za-z_][A-Za-z0-9_]*$/;

const expected = 'a reference to the secret, exactly one of { env: NAME }, { file: path } and { command: "…" }';

/** Where a secret is found. The secret itself has no place in the file, and no message shows one that is written there. */
export function secretReference() {
  const keys = {
    env: text('the name of an environment variable: letters, digits and "_"', environmentName)
      .describe('The environment variable of the machine that runs ha-deploy.')
      .optional(),
    file: pathSchema('the file that holds the secret')
      .describe('A file that holds nothing but the secret; one newline at its end is left out.')
      .optional(),
    command: text('a shell command', /^[^\0]{1,4096}$/s)
      .describe('A command for `sh -c`, such as `pass show lb/vrrp`, that prints the secret.')
      .optional(),
  };
  return section('a reference to the secret', keys, expected)
    .refine((reference) => Object.keys(reference).length === 1, { error: expected })
    .meta({ minProperties: 1, maxProperties: 1 });
}

export type SecretReference = z.output<ReturnType<typeof secretReference>>;
