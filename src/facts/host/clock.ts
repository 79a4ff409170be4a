import { inPerl } from '../../remote/perl.js';
import { type Fact, unreadable } from '../fact.js';

/** The host's own idea of the time: whole seconds since 1970. */
export const clock: Fact<number> = {
  id: 'clock',
  ...inPerl('print time, "\\n"'),
  parse: ({ stdout }) => {
    if (!/^\d{1,12}\n$/.test(stdout)) throw unreadable('the host gave something else than a number of seconds');
    return Number(stdout);
  },
};
