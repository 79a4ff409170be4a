import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configurationReference, type SchemaNode } from '../../../scripts/configuration-reference.js';
import { configJsonSchema } from '../../../src/config/json-schema.js';

const schema = configJsonSchema() as SchemaNode;
const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

it('docs/configuration.md is what the schema says', async () => {
  const page = configurationReference(schema, read('examples/minimal.yaml'));
  await expect(page).toMatchFileSnapshot('../../../docs/configuration.md');
});

it('the JSON Schema has a name and refuses unknown keys at every level', () => {
  expect(schema).toMatchObject({
    $id: 'urn:ha-deploy:configuration',
    title: 'ha-deploy.yaml',
    additionalProperties: false,
  });
  const maps = nodesOf(schema).filter((node) => node.properties !== undefined);
  expect(maps.length).toBeGreaterThan(15);
  expect(maps.every((node) => node.additionalProperties === false)).toBe(true);
});

describe('every key', () => {
  it('is described', () => {
    const keys = nodesOf(schema).flatMap((node) => Object.entries(node.properties ?? {}));
    expect(keys.filter(([, node]) => node.description === undefined)).toEqual([]);
  });

  it('is in examples/full.yaml', () => {
    const full: unknown = parse(read('examples/full.yaml'));
    const used = new Set(keysOf(full));
    const known = nodesOf(schema)
      .flatMap((node) => Object.keys(node.properties ?? {}))
      .filter((key) => key !== 'file');
    expect(known.filter((key) => !used.has(key))).toEqual([]);
  });
});

function nodesOf(node: SchemaNode): SchemaNode[] {
  const { properties = {}, items, anyOf = [], additionalProperties } = node;
  const values = typeof additionalProperties === 'object' ? [additionalProperties] : [];
  const inner = [...Object.values(properties), ...anyOf, ...values, ...(items === undefined ? [] : [items])];
  return [node, ...inner.flatMap(nodesOf)];
}

function keysOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysOf(inner)]);
}
