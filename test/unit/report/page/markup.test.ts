import fc from 'fast-check';
import { expect, test } from 'vitest';
import { html } from '../../../../src/report/page/markup.js';
import { anyText } from '../any-text.js';

test('keeps markup, escapes text, joins several, leaves out what is not there', () => {
  const items = ['a', '<b>'].map((item) => html`<li>${item}</li>`);
  expect(html`<ul id="${'"x"'}">${items}${undefined}${1.5}</ul>`.toString()).toBe(
    '<ul id="&quot;x&quot;"><li>a</li><li>&lt;b&gt;</li>1.5</ul>',
  );
});

test('no text opens a tag, leaves an attribute, begins an entity or hides anything', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const written = html`${text}`.toString();
      expect(written).not.toMatch(/[<>"']|&(?!(amp|lt|gt|quot|#39);)|[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    }),
  );
});
