import * as z from 'zod';
import { ruleIds } from '../../lint/ids.js';
import { nearest } from '../values/nearest.js';
import { section, text } from './text.js';

const reason = text('the reason why this is fine here, in a few words', (value) => value.trim() !== '');

const ignore = z
  .record(z.string(), reason, { error: 'a map of the id of a rule to the reason why it is ignored' })
  .superRefine((map, context) => {
    for (const id of Object.keys(map).filter((candidate) => !ruleIds.includes(candidate))) {
      const near = nearest(id, ruleIds);
      const fix = near === undefined ? 'docs/rules.md lists them.' : `Did you mean ${near}?`;
      const message = `the id of a rule: ${ruleIds[0]} to ${ruleIds.at(-1)}\n${fix}`;
      context.addIssue({ code: 'custom', path: [id], message, params: { at: 'key' } });
    }
  })
  .meta({ propertyNames: { enum: ruleIds } });

export const lint = section('settings of the HA rules', {
  ignore: ignore
    .default({})
    .describe(
      'HA rules that you break on purpose: rule id to the reason. `ha-deploy validate` names what it finds; docs/rules.md explains the rules.',
    ),
});
