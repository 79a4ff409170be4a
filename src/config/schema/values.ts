import type * as z from 'zod';
import { durationLiteral, parseDuration } from '../../cluster/values/duration.js';
import { isHostAddress, isHostName, isNetworkAddress } from '../values/address.js';
import { text, wholeNumberSchema } from './text.js';

export function portSchema(): z.ZodInt {
  return wholeNumberSchema('a port', 1, 65_535);
}

/** An IPv4 or IPv6 address that other hosts can reach. */
export function addressSchema(what: string): z.ZodString {
  return text(`${what}: an IPv4 or IPv6 address that other hosts can reach`, isNetworkAddress, addressFix);
}

/** What most probably was meant by text that is no address. */
function addressFix(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const [, start = '', suffix = ''] = /^(.*)\/(\d{1,3})$/.exec(value) ?? [];
  if (isNetworkAddress(start)) {
    return `Leave out "/${suffix}"; the prefix length of a VIP has its own key: { address: "${start}", prefix: ${suffix} }.`;
  }
  if (value.includes('%')) return 'Leave out the zone; the interface has its own key.';
  return isHostName(value) ? 'Write the address itself: a name is not looked up here.' : undefined;
}

/** A host name or an address. */
export function hostSchema(what: string): z.ZodString {
  return text(`${what}: a host name or an address`, (value) => isHostName(value) || isHostAddress(value));
}

export function interfaceNameSchema(): z.ZodString {
  return text(
    'the name of a network interface, such as eth0, at most 15 characters',
    /^(?!\.{1,2}$)[A-Za-z0-9._@-]{1,15}$/,
  );
}

/** A path on the machine that runs ha-deploy; `expandPath` makes it absolute. */
export function pathSchema(what: string): z.ZodString {
  return text(
    `${what}: a path, absolute, relative to this file, or beginning with ~/`,
    (value) => /^[^\p{Cc}]{1,4096}$/u.test(value) && !/^~[^/]/.test(value),
  );
}

/** An absolute path of a URL. It becomes a word of haproxy.cfg, so it has no quotes, `#`, backslash or white space. */
export function urlPathSchema(): z.ZodString {
  return text(
    'the path of a URL, beginning with "/", without white space, quotes, "#" or "\\"',
    /^\/[A-Za-z0-9._~:@!&()*+,;=%/?-]{0,1023}$/,
    (value) => (String(value).startsWith('/') ? undefined : 'Begin it with "/".'),
  );
}

/**
 * Whole number and unit. `least`, `most` and `step`, which it is a multiple of, are milliseconds; the longest is what
 * HAProxy's timers hold.
 */
export function durationSchema({ least = 1, most = 24 * 86_400_000, step = 1 } = {}): z.ZodString {
  const steps = step === 1 ? '' : `, a multiple of ${durationLiteral(step)}`;
  const bounds = `from ${durationLiteral(least)} to ${durationLiteral(most)}${steps}`;
  const expected = `a duration ${bounds}: a whole number and its unit (ms, s, m, h or d), such as 5s`;
  const isWithin = (value: string) => {
    const milliseconds = parseDuration(value);
    return milliseconds !== undefined && milliseconds >= least && milliseconds <= most && milliseconds % step === 0;
  };
  return text(expected, isWithin, unitFix).meta({ pattern: '^[0-9]+(ms|s|m|h|d)$' });
}

function unitFix(value: unknown): string | undefined {
  const digits = String(value);
  return /^\d+$/.test(digits) ? `Write the unit: ${digits}s for seconds, ${digits}ms for milliseconds.` : undefined;
}
