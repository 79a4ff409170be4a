import { sh } from '../remote/shell.js';
import { type Fact, unreadable } from './fact.js';

const standings = ['taking part', 'in maintenance', 'standing back'] as const;

/** Whether a node takes part in elections, is kept out of them by an operator, or by a run of ours. */
export type Standing = (typeof standings)[number];

/** @param flags the paths of keepalived's maintenance flag and of the mark that a run leaves beside it */
export function standing(flags: { readonly maintenance: string; readonly standingBack: string }): Fact<Standing> {
  return {
    id: 'standing',
    command: sh`if [ "$(head -c 1 -- ${flags.maintenance} 2>/dev/null)" != 1 ]; then echo taking part
elif [ -e ${flags.standingBack} ]; then echo standing back
else echo in maintenance; fi`,
    parse: ({ stdout }) => {
      const found = standings.find((candidate) => stdout === `${candidate}\n`);
      if (found === undefined)
        throw unreadable('the test of the maintenance flag printed something else than a standing');
      return found;
    },
  };
}
