import * as z from 'zod';
import { canonicalAddress } from '../../cluster/values/address.js';
import { secretReference } from './secret.js';
import { either, section, text } from './text.js';
import { portSchema, urlPathSchema } from './values.js';

const page = section('the statistics page', {
  bind: text(
    'an address to listen on, or `vip` for every VIP',
    (value) => value === 'vip' || canonicalAddress(value) !== undefined,
  )
    .default('127.0.0.1')
    .describe('The address to listen on, or `vip` for every VIP. The page is open to whoever reaches it.'),
  port: portSchema().default(8404).describe('The port to listen on.'),
  uri: urlPathSchema().default('/').describe('The path of the page.'),
  auth: section('who may see the page', {
    user: text('a user name: letters, digits, "-", "_" and "."', /^[A-Za-z0-9._-]{1,64}$/).describe('The user name.'),
    password: secretReference().describe('The password.'),
  })
    .describe('Asks for a name and a password; without TLS they travel in clear text.')
    .optional(),
});

export const stats = either('false, or the settings of the statistics page', [
  z.literal(false, { error: 'false' }),
  page,
]).describe(
  "HAProxy's statistics page, or `false` for none. By default it listens on each node for the node itself only: `ssh -L 8404:127.0.0.1:8404 <node>`.",
);

export type StatsInput = z.output<typeof stats>;
