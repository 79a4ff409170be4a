import { expect, test } from 'vitest';
import { labelled } from '../../../../src/report/layout/labelled.js';

const loud = (label: string): string => label.toUpperCase();

test('breaks between words, under the first', () => {
  expect(labelled('error  ', 'Correct the configuration, then run again.', 27, loud)).toEqual([
    'ERROR  Correct the',
    '       configuration, then',
    '       run again.',
  ]);
});

test('leaves a text that fits, and one of which nobody knows where it goes', () => {
  expect(labelled('- ', 'as  it is', 11, loud)).toEqual(['- as  it is']);
  expect(labelled('', 'word '.repeat(100), Infinity, loud)).toHaveLength(1);
});

test('keeps a word that is longer than a line', () => {
  expect(labelled('', 'see /etc/systemd/system/haproxy.service.d now', 10, loud)).toEqual([
    'see',
    '/etc/systemd/system/haproxy.service.d',
    'now',
  ]);
});
