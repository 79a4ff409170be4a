import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readPlanFile, refuseOther, writePlanFile } from '../../../../src/cli/inputs/plan-file.js';
import { serializePlan } from '../../../../src/engine/saved-plan/text.js';
import { config, folder, minimal, ran } from '../support.js';

function plan(cluster = 'k8s-api'): string {
  const [madeAt, salt] = ['2026-11-23T02:00:00.000Z', '0'.repeat(32)];
  return serializePlan({ version: '0.1.0', madeAt, salt, cluster, wanted: '0'.repeat(32), nodes: [] });
}

const usage = expect.objectContaining({ code: 'USAGE', exitCode: 3 }) as Error;
const unreadable = expect.objectContaining({ code: 'PLAN_UNREADABLE', exitCode: 3 }) as Error;

describe('the file of a plan', () => {
  test('is for its owner alone, whole, and nothing else is left beside it', () => {
    const path = join(folder(), 'plan.json');
    writePlanFile(path, plan());
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readPlanFile(path)).toBe(plan());
    expect(readdirSync(join(path, '..'))).toEqual(['plan.json']);
  });

  test('takes the place of an older plan, whoever could read that', () => {
    const path = join(folder({ 'plan.json': plan('older') }), 'plan.json');
    chmodSync(path, 0o644);
    writePlanFile(path, plan());
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).toBe(plan());
  });

  test.each(['', 'name: k8s-api\n', '{"kind":"terraform"}'])('takes the place of nothing else, such as %j', (text) => {
    const path = join(folder({ mine: text }), 'mine');
    expect(() => refuseOther(path)).toThrow(usage);
    expect(() => writePlanFile(path, plan())).toThrow(usage);
    expect(readFileSync(path, 'utf8')).toBe(text);
    expect(readdirSync(join(path, '..'))).toEqual(['mine']);
  });

  test('is no folder, and no link to elsewhere', () => {
    const place = folder({ 'plan.json': plan() });
    mkdirSync(join(place, 'folder'));
    symlinkSync('plan.json', join(place, 'link'));
    for (const name of ['folder', 'link']) expect(() => refuseOther(join(place, name))).toThrow(usage);
  });

  test('that cannot be written leaves nothing', () => {
    const place = folder();
    expect(() => writePlanFile(join(place, 'none', 'plan.json'), plan())).toThrow(usage);
    expect(readdirSync(place)).toEqual([]);
  });

  test('that cannot be read says so', () => {
    const place = folder();
    writeFileSync(join(place, 'binary'), Buffer.from([0xff, 0xfe, 0x00]));
    for (const name of ['none', '.', 'binary']) expect(() => readPlanFile(join(place, name))).toThrow(unreadable);
    expect(() => readPlanFile('/dev/null')).toThrow(unreadable);
  });
});

describe('before a node is contacted,', () => {
  test.each([
    ['a plan that is not there', ['up', '--plan', 'none.json'], {}, 3, 'PLAN_UNREADABLE'],
    ['a file that is no plan', ['up', '--plan', 'mine'], { mine: 'text' }, 3, 'PLAN_UNREADABLE'],
    [
      'a newer format',
      ['up', '--plan', 'p'],
      { p: plan().replace('"format": 1', '"format": 2') },
      3,
      'PLAN_UNREADABLE',
    ],
    ['a plan of another cluster', ['up', '--plan', 'p'], { p: plan('shop') }, 7, 'STALE_PLAN'],
    ['a file to write to that is no plan', ['plan', '--out', 'mine'], { mine: 'text' }, 3, 'USAGE'],
  ] as const)('%s is refused', async (_, [command, flag, name], files, exitCode, code) => {
    const path = config(minimal, files);
    const { events, ...ended } = await ran(command, flag, join(path, '..', name), '-c', path, '--json');
    expect(ended.exitCode).toBe(exitCode);
    expect(events.map(({ event }) => event)).toEqual(['result']);
    expect(events[0]).toMatchObject({ ok: false, exitCode, error: { code } });
    expect(existsSync(join(path, '..', 'none.json'))).toBe(false);
  });
});
