import type { Secrecy } from '../src/resources/kinds/redaction.js';
import { paths } from './paths.js';

/** Lines of these files whose end is secret, whoever wrote them; the first group may be shown. */
export const secretLines = {
  haproxy: [/^(.*?\bstats\s+auth\s).*/, /^(.*?\bpassword\s).*/],
  keepalived: [/^(.*?\bauth_pass\s).*/],
} as const;

/** Those that hold no secret, whoever wrote them. */
const open: readonly string[] = [
  paths.sysctl,
  paths.sysusers,
  paths.tmpfiles,
  paths.healthScript,
  paths.serversScript,
  paths.addressKeeper,
];

/** What of a file may not be shown: of one that is not known, such as a certificate with its key, nothing is. */
export const secrecy: Secrecy = (path) => {
  if (path === paths.haproxyConfig) return secretLines.haproxy;
  if (path === paths.keepalivedConfig) return secretLines.keepalived;
  return open.includes(path) || path.startsWith('/etc/systemd/') ? [] : 'whole';
};
