import { createHash, createHmac } from 'node:crypto';
import type { Template } from '../cluster/cluster.js';
import type { Content } from '../cluster/secrets/content.js';
import { slowKey } from '../cluster/secrets/slow-key.js';
import { DeployError } from '../errors/deploy-error.js';

/**
 * A short name for exactly these contents, put where the running daemon shows it. Secrets enter as the key of an HMAC that takes
 * long to derive, so that whoever may read the identity cannot try passwords against it at speed. Where a secret comes from does
 * not enter: a second laptop, with another home or another variable, finds nothing to reload.
 * @returns 12 hexadecimal digits
 */
function identityOf(contents: readonly Content[], salt: string): string {
  const secrets = contents.flatMap((content) => content.secrets.map((secret) => secret.reveal()));
  // The key is of all secrets at once, and nothing of a single node is in it: all nodes share it.
  const hash =
    secrets.length === 0
      ? createHash('sha256')
      : createHmac('sha256', slowKey(JSON.stringify(secrets), `identity ${salt}`));
  for (const content of contents) hash.update(content.blanked);
  return hash.digest('hex').slice(0, 12);
}

/** A configuration, and the name by which the daemon that runs it can be told from one that runs another. */
export interface Identified {
  readonly content: Content;
  readonly identity: string;
}

export interface Decoration {
  readonly prefix?: string;
  readonly suffix?: string;
  /** What the daemon reads besides, so that it is told of their changes too. */
  readonly files?: readonly Content[];
  /** The cluster: a table of passwords made for one is of no use against another. */
  readonly salt?: string;
}

/** Stands for the identity while it is not known yet. */
const placeholder = '000000000000';

/**
 * A rendering that carries its own identity, `<prefix>ha-deploy:<12 digits><suffix>`.
 * @param render gives the content that shows the identity it is given
 * @throws DeployError TEMPLATE_FAILED when the rendering shows no identity: what runs could never be told from what should
 */
export function identified(
  template: Template,
  render: (identity: string) => Content,
  { prefix = '', suffix = '', files = [], salt = '' }: Decoration = {},
): Identified {
  const named = (digits: string): string => `${prefix}ha-deploy:${digits}${suffix}`;
  const draft = render(named(placeholder));
  if (!draft.redacted.includes(named(placeholder))) {
    throw new DeployError('TEMPLATE_FAILED', `the template ${template.path} does not print its identity`, {
      hint: "Print `<%= identity %>` as HAProxy's `description` (global), or as keepalived's `router_id` (global_defs).",
    });
  }
  const identity = named(identityOf([draft, ...files], salt));
  return { content: draft.replace(named(placeholder), identity), identity };
}
