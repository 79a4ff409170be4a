import type { Secrecy } from '../src/resources/redaction.js';
import { paths } from './paths.js';

/** Lines of these files whose end is secret, whoever wrote them; the first group may be shown. */
export const secretLines = {
  haproxy: [/^(.*?\bstats\s+auth\s).*/, /^(.*?\bpassword\s).*/],
  keepalived: [/^(.*?\bauth_pass\s).*/],
} as const;

/** What of a file of ours may not be shown. */
export const secrecy: Secrecy = (path) => {
  if (path === paths.haproxyConfig) return secretLines.haproxy;
  if (path === paths.keepalivedConfig) return secretLines.keepalived;
  return path.endsWith('.pem') ? 'whole' : [];
};
