import { expect, test } from 'vitest';
import { paths } from '../../../../playbooks/paths.js';
import { standing } from '../../../../src/facts/keepalived/participation.js';
import { printed } from '../support.js';

test.each(['taking part', 'in maintenance', 'standing back'] as const)('%s', (found) => {
  expect(standing.parse(printed(`${found}\n`))).toBe(found);
});

test.each(['', 'taking part', 'away\n'])('cannot read %j', (text) => {
  expect(() => standing.parse(printed(text))).toThrow(expect.objectContaining({ code: 'FACT_UNREADABLE' }));
});

test('asks for the files that the playbook names', () => {
  expect(standing.command.redacted).toContain(`${paths.maintenanceFlag} ${paths.standingBack}`);
});
