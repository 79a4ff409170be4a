import { describe, expect, test } from 'vitest';
import { Secret } from '../../../src/cluster/secrets/secret.js';
import { DeployError } from '../../../src/errors/deploy-error.js';
import { indented, renderTemplate } from '../../../src/render/template.js';

function render(source: string, data: Record<string, unknown> = {}) {
  return renderTemplate({ path: '/etc/lb/my.cfg.ejs', source }, data);
}

function failure(source: string, data?: Record<string, unknown>): DeployError {
  try {
    render(source, data);
  } catch (error) {
    if (error instanceof DeployError) return error;
    throw error;
  }
  throw new Error('it rendered');
}

describe('a template', () => {
  test.each([
    ['text', 'plain', {}, 'plain'],
    ['a string', '<%= name %>', { name: 'web' }, 'web'],
    ['a number', 'port <%= port %>', { port: 0 }, 'port 0'],
    ['an empty string', '[<%= name %>]', { name: '' }, '[]'],
    ['nothing escaped', '<%= name %>', { name: `<a> & "b" 'c'` }, `<a> & "b" 'c'`],
    ['code', '<%_ for (const n of [1, 2]) { _%>\n<%= n %>\n<%_ } _%>\n', {}, '1\n2\n'],
    ['a literal tag', '<%% x %>', {}, '<% x %>'],
  ])('prints %s', (_, source, data, expected) => {
    expect(render(source, data).reveal()).toBe(expected);
  });

  test('keeps a secret a secret, wherever it is printed', () => {
    const one = new Secret('env ONE', () => 'hunter2');
    const two = new Secret('file /two', () => 'two\nlines');
    const content = render('a <%= one %> b <%= two %>:<%= one %>', { one, two });
    expect(content.reveal()).toBe('a hunter2 b two\nlines:hunter2');
    expect(content.redacted).toBe('a <secret: env ONE> b <secret: file /two>:<secret: env ONE>');
    expect(content.secrets).toEqual([one, two, one]);
  });

  test('does not ask for a secret that it does not print', () => {
    const secret = new Secret('env NONE', () => {
      throw new Error('asked');
    });
    expect(render('<%_ if (secret) { _%>yes<%_ } _%>', { secret }).reveal()).toBe('yes');
    expect(render('<%= secret %>', { secret }).redacted).toBe('<secret: env NONE>');
  });

  test.each([
    ['what is not there', '<%= nothing.name %>', { nothing: {} }, 'a value to print is missing'],
    ['null', '<%= nothing %>', { nothing: null }, 'a value to print is missing'],
    ['a name that nobody gave', '<%= nobody %>', {}, 'nobody is not defined'],
    ['an object', '<%= it %>', { it: {} }, 'cannot print a value of type object'],
    ['a list', '<%= it %>', { it: ['a'] }, 'cannot print a value of type object'],
    ['a boolean', '<%= it %>', { it: true }, 'cannot print a value of type boolean'],
    ['a function', '<%= it %>', { it: () => 'x' }, 'cannot print a value of type function'],
    ['without rules', '<%- "x" %>', {}, '"<%-" is not allowed; write "<%="'],
    ['another file', '<% include("/etc/passwd") %>', {}, '"include" is not allowed'],
    ['another file', `<%= include('/etc/passwd') %>`, {}, '"include" is not allowed'],
    ['broken code', '<% if ( %>', {}, ''],
    ['an open tag', '<%= name', { name: 'x' }, ''],
  ])('does not print %s', (_, source, data, reason) => {
    const error = failure(source, data);
    expect(error).toMatchObject({ code: 'TEMPLATE_FAILED', exitCode: 3 });
    expect(error.message).toContain('the template /etc/lb/my.cfg.ejs does not render: ');
    expect(error.message).toContain(reason);
    expect(error.details.hint).toContain('docs/templates.md');
  });

  test('passes on an error of ours, such as a secret that cannot be had', () => {
    const unavailable = new DeployError('SECRET_UNAVAILABLE', 'it is not set');
    const secret = {
      get password(): string {
        throw unavailable;
      },
    };
    expect(failure('<%= secret.password %>', { secret }).code).toBe('SECRET_UNAVAILABLE');
  });
});

describe('indented', () => {
  test.each([
    ['nothing', undefined, ''],
    ['white space', ' \n\n', ''],
    ['a line', 'option x', '    option x\n'],
    ['lines, their own indentation kept', 'a\n  b\n\nc\n\n', '    a\n      b\n\n    c\n'],
  ])('%s', (_, text, expected) => {
    expect(indented(text)).toBe(expected);
  });
});
