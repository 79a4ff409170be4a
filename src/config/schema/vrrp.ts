import * as z from 'zod';
import { isHostAddress, isHostName } from '../values/address.js';
import { secretReference } from './secret.js';
import { flag, oneOf, section, text, verbatim } from './text.js';
import { durationSchema, hostSchema } from './values.js';
import { routerId } from './vip.js';

/** Safe as a word of keepalived.conf, where quotes, braces, `#`, `!`, `$` and a leading `@` or `~` have meaning. */
const email = () =>
  text('an e-mail address', (value) => {
    const [, domain] = /^[A-Za-z0-9][A-Za-z0-9._%+=-]{0,63}@([^@]+)$/.exec(value) ?? [];
    return domain !== undefined && !domain.startsWith('-') && isHostName(domain) && !isHostAddress(domain);
  });

const auth = section('VRRP authentication', {
  type: oneOf(['AH', 'PASS']).describe('`AH` (IPsec authentication header) or `PASS` (in clear text).'),
  password: secretReference().describe(
    'The password, the same on all peers; VRRP uses 8 characters of it, so longer ones are refused.',
  ),
});

const notification = section('notification by e-mail', {
  to: z
    .array(email(), { error: 'a list of e-mail addresses' })
    .min(1, { error: 'at least one e-mail address' })
    .describe('Who is told.'),
  from: email().describe('The sender.'),
  smtpServer: hostSchema('the SMTP server')
    .default('127.0.0.1')
    .describe(
      'The SMTP server, reached from the nodes on port 25. A name is looked up on each node, and keepalived given the address; while it does not resolve, no mail is sent.',
    ),
  connectTimeout: durationSchema({ least: 1000, most: 3_600_000, step: 1000 })
    .default('15s')
    .describe('How long to wait for it, in whole seconds.'),
});

export const vrrp = section('settings of VRRP', {
  profile: oneOf(['standard', 'fast', 'relaxed'])
    .default('standard')
    .describe(
      'How soon a lost node is noticed, by the interval between adverts: `standard` 100ms (out for at most 0.3 s), `fast` 20ms ' +
        '(0.06 s; for quiet machines that never stall), `relaxed` 1s (3 s; for virtual machines that stall).',
    ),
  routerId: routerId()
    .default(51)
    .describe(
      'The VRRP virtual router id, unique in the network segment. IPv4 and IPv6 VIPs are elected apart: the family that comes second gets the next id.',
    ),
  version: z
    .literal([2, 3], { error: '2 or 3' })
    .default(3)
    .describe(
      'The version of the VRRP protocol. Use 2 only to work with old peers: it has no sub-second adverts and no IPv6.',
    ),
  advertInterval: durationSchema({ least: 10, most: 255_000, step: 10 })
    .describe("The interval between adverts, a multiple of 10ms. Default: the profile's, and 1s with version 2.")
    .optional(),
  preempt: flag()
    .default(false)
    .describe(
      'Whether a preferred node that comes back takes the VIP back. Each move cuts the connections, so the default is to leave it.',
    ),
  peering: oneOf(['unicast', 'multicast'])
    .default('unicast')
    .describe('How nodes send adverts: `unicast` to the addresses of the others, or `multicast` on the interface.'),
  auth: auth.describe('Authentication of adverts: version 2 only. Use it only to work with old peers.').optional(),
  email: notification.describe('Whom keepalived tells by e-mail when the VIP moves.').optional(),
  extra: verbatim().describe('Your own lines, verbatim, in every `vrrp_instance` of keepalived.conf.').optional(),
});

export type VrrpInput = z.output<typeof vrrp>;
