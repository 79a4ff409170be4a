import { expect, it } from 'vitest';
import { nearest } from '../../../../src/config/values/nearest.js';

const keys = ['name', 'vip', 'ssh', 'nodes', 'vrrp', 'services', 'stats', 'haproxy', 'identityFile'];

it.each([
  ['node', 'nodes'],
  ['nmae', 'name'],
  ['Services', 'services'],
  ['service', 'services'],
  ['serivces', 'services'],
  ['identity_file', 'identityFile'],
  ['vips', 'vip'],
  ['shs', 'ssh'],
])('%s is %s, misspelt', (word, key) => {
  expect(nearest(word, keys)).toBe(key);
});

it.each(['', 'x', 'frontend', 'backends', 'proxy'])('%j is none of them', (word) => {
  expect(nearest(word, keys)).toBeUndefined();
});
