import { account } from '../../facts/host/account.js';
import { sh } from '../../remote/shell.js';
import type { Resource } from '../resource.js';

/** A system account without home or shell, made from the sysusers.d file of `definition` (sysusers.d(5)). */
export function systemAccount(name: string, definition: string): Resource {
  const fact = account(name);
  const id = `account:${name}`;
  return {
    id,
    facts: [fact],
    plan: (host) =>
      host.get(fact)
        ? []
        : [
            {
              resource: id,
              action: 'create',
              summary: 'system account without shell or home',
              interrupts: false,
              step: { script: sh`systemd-sysusers ${definition}`, failures: {} },
            },
          ],
  };
}
