import { homedir, userInfo } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { localHome, localName, localUser } from '../../../../src/cli/invoke/local-user.js';
import { withoutName } from '../../../support/nameless.js';

test('whoever runs this is who the system says', () => {
  const { username } = userInfo();
  expect([localName(), localUser(), localHome()]).toEqual([username, username, homedir()]);
});

test('a user id without a name has none, and yet a user to log in as, and a home', () => {
  withoutName();
  const before = process.env['USER'];
  onTestFinished(() => {
    if (before === undefined) delete process.env['USER'];
    else process.env['USER'] = before;
  });
  process.env['USER'] = 'builder';
  expect([localName(), localUser(), localHome()]).toEqual([undefined, 'builder', '/']);
  delete process.env['USER'];
  expect(localUser()).toBe('root');
});
