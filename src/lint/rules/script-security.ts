import { onKeepalived, type Rule } from './rule.js';

export const scriptSecurity: Rule = {
  id: 'HA033',
  title: 'Scripts run with enable_script_security',
  level: 'warning',
  reason: 'Without it keepalived runs scripts as root even where others may write them, and logs a SECURITY VIOLATION.',
  source: 'keepalived.conf(5), "enable_script_security"; measured (docs/facts.md)',
  check: onKeepalived(({ keepalived: { watchers, globals } }) => {
    const script = watchers.find(({ kind }) => kind === 'script');
    if (script === undefined || globals.some(({ words }) => words[0] === 'enable_script_security')) return [];
    return [
      {
        line: script.line,
        message: `${script.name} runs without enable_script_security`,
        fix: 'Write enable_script_security and a script_user that is not root, in global_defs.',
      },
    ];
  }),
};
