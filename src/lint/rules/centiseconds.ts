import { onInstances, type Rule } from './rule.js';

export const centiseconds: Rule = {
  id: 'HA030',
  title: 'An advert interval is a multiple of 10 ms',
  level: 'warning',
  reason: 'Version 3 sends the interval in hundredths of a second: anything finer is rounded.',
  source: 'RFC 5798, 5.2.7; https://github.com/acassen/keepalived/issues/2191',
  check: onInstances(({ name, version, advertIntervalMs: { value, line } }) => {
    const rounded = Math.max(10, Math.round(value / 10) * 10);
    if (version.value !== 3 || Math.abs(rounded - value) < 1e-6) return [];
    const message = `${name} has an advert_int of ${value / 1000}, which is not a hundredth of a second`;
    return [{ line, message, fix: `Write advert_int ${rounded / 1000}.` }];
  }),
};
