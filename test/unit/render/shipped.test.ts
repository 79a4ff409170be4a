import { expect, test } from 'vitest';
import { shippedTemplate } from '../../../src/render/shipped.js';

test.each(['haproxy.cfg.ejs', 'keepalived.conf.ejs'])('finds %s', (name) => {
  const { path, source } = shippedTemplate(name);
  expect(path.endsWith(`/templates/${name}`)).toBe(true);
  expect(source).toContain('<%= identity %>');
});

test('says where it looked last for one that there is not', () => {
  expect(() => shippedTemplate('none.ejs')).toThrow('/templates/none.ejs');
});
