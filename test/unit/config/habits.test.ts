import { expect, test } from 'vitest';
import { configJsonSchema } from '../../../src/config/json-schema.js';
import { habits, habitual } from '../../../src/config/problems/habits.js';

/** Every map of the configuration, as its keys. */
function mapsOf(node: unknown): readonly (readonly string[])[] {
  if (typeof node !== 'object' || node === null) return [];
  const own = 'properties' in node && typeof node.properties === 'object' ? [Object.keys(node.properties ?? {})] : [];
  return [...own, ...Object.values(node).flatMap(mapsOf)];
}

const maps = mapsOf(configJsonSchema());

test.each(Object.entries(habits))('%s means %j, which there is', (_, meanings) => {
  for (const meaning of meanings) expect(maps.flat()).toContain(meaning);
});

test('no key of ours is a habit in its own map', () => {
  for (const keys of maps) for (const key of keys) expect(habitual(key, keys) ?? key, key).toBe(key);
});
