import { hiddenSecret } from '../daemons/source.js';
import { onInstances, type Rule } from './rule.js';

export const longPassword: Rule = {
  id: 'HA027',
  title: 'A VRRP password has at most eight characters',
  level: 'warning',
  reason: 'keepalived cuts off what is longer, so the password is weaker than it looks, and `-t` fails.',
  source: 'keepalived.conf(5), "auth_pass"; measured: "Truncating auth_pass to 8 characters"',
  check: onInstances(({ name, auth }) => {
    const password = auth?.password;
    // A secret is measured where it is read.
    if (password === undefined || password.value.length <= 8 || password.value === hiddenSecret) return [];
    const message = `auth_pass of ${name} has ${password.value.length} characters, of which 8 count`;
    return [{ line: password.line, message, fix: 'Shorten it to 8 characters; better, leave authentication out.' }];
  }),
};
