import type { Email, Vrrp } from '../../cluster/cluster.js';
import { parseDuration } from '../../cluster/values/duration.js';
import type { VrrpInput } from '../schema/vrrp.js';
import { secretOf, vrrpPassword } from './secrets.js';
import type { LoadContext } from './surroundings.js';

const advertIntervalOf = { standard: 100, fast: 20, relaxed: 1000 } as const;

/** Milliseconds between adverts: as given, else 1 s with version 2, which has no shorter ones, else the profile's. */
export function advertIntervalMs({ advertInterval, version, profile }: VrrpInput): number {
  if (advertInterval !== undefined) return parseDuration(advertInterval) ?? 0;
  return version === 2 ? 1000 : advertIntervalOf[profile];
}

export function expandVrrp(input: VrrpInput, surroundings: LoadContext): Vrrp {
  const { version, preempt, peering, auth, email, extra } = input;
  return {
    version,
    advertIntervalMs: advertIntervalMs(input),
    preempt,
    peering,
    auth:
      auth === undefined
        ? undefined
        : { type: auth.type, password: secretOf(auth.password, vrrpPassword, surroundings) },
    email: email === undefined ? undefined : expandEmail(email),
    extra,
  };
}

function expandEmail({ to, from, smtpServer, connectTimeout }: NonNullable<VrrpInput['email']>): Email {
  return { to, from, smtpServer, connectTimeout: (parseDuration(connectTimeout) ?? 0) / 1000 };
}
