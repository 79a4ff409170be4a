import { onKeepalived, type Rule } from './rule.js';

export const unreadLines: Rule = {
  id: 'HA044',
  title: 'All of the configuration can be judged',
  level: 'warning',
  reason: 'What an included file or a variable brings is not known here, and no rule has looked at it.',
  source: 'keepalived.conf(5), "include", "PARAMETER SUBSTITUTION"',
  check: onKeepalived(({ keepalived: { unread } }) => {
    const [first] = unread;
    if (first === undefined) return [];
    const message = `${unread.length} of the lines ${unread.length === 1 ? 'is an include or has a variable, and was' : 'are includes or have variables, and were'} not followed`;
    return [
      { line: first.line, message, fix: 'Give `validate` the file as keepalived sees it, with all of it in place.' },
    ];
  }),
};
