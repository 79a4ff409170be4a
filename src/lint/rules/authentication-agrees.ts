import type { Instance } from '../daemons/keepalived-model.js';
import { found, onElections, type Rule } from './rule.js';

export const authenticationAgrees: Rule = {
  id: 'HA016',
  title: 'With version 2 all nodes authenticate alike',
  level: 'error',
  reason: 'Version 2 drops adverts with another password or type of authentication: there are two holders.',
  source: 'RFC 2338, 7.1; keepalived.conf(5)',
  check: onElections(({ name, members }) => {
    const [first] = members;
    const other = members.find(({ instance }) => first !== undefined && said(instance) !== said(first.instance));
    if (other === undefined) return [];
    const line = other.instance.auth?.line ?? other.instance.line;
    const types = members.map(({ instance, node }) => `${instance.auth?.type?.value ?? 'none'} on ${node.name}`);
    const message = `authentication of ${name} is not the same: ${types.join(', ')}; types or passwords differ`;
    const fix = 'Write the same authentication on every node, or none.';
    return [{ ...found(other, { line, message, fix }), nodes: members.map(({ node }) => node.name) }];
  }),
};

/** keepalived uses eight characters of a password. */
function said({ version, auth }: Instance): string {
  if (version.value === 3 || auth === undefined) return '';
  return `${auth.type?.value} ${auth.password?.value.slice(0, 8)}`;
}
