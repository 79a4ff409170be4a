import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/config/problems/config-error.js';
import { report } from '../../../src/config/problems/report.js';
import { failure, load } from './support.js';

/**
 * Every kind of bad input with the report that a person reads; `npx vitest run --project unit -u` writes the reports.
 * Read the difference before committing it: these texts are the product.
 */
const hidden = /[\p{Cc}\p{Cf}\u2028\u2029]/u;

const fixtures = new URL('fixtures/', import.meta.url);

function casesOf(folder: string): string[] {
  const files = readdirSync(new URL(folder, fixtures));
  return files.filter((file) => file.endsWith('.yaml')).map((file) => file.replace('.yaml', ''));
}

function textOf(folder: string, name: string): string {
  return readFileSync(new URL(`${folder}${name}.yaml`, fixtures), 'utf8');
}

describe('a configuration that is refused', () => {
  it.each(casesOf('refused/'))('%s', async (name) => {
    const error = failure(textOf('refused/', name));
    expect(error).toBeInstanceOf(ConfigError);
    const { code, exitCode, message, problems } = error as ConfigError;
    expect([code, exitCode]).toEqual(['CONFIG_INVALID', 3]);
    expect(message).toBe(report(problems));
    expect(message.replaceAll('\n', ''), 'no character that could act on a terminal').not.toMatch(hidden);
    expect(`${message}${JSON.stringify(problems)}`, 'no secret').not.toMatch(/hunter|unter2/);
    await expect(`${message}\n`).toMatchFileSnapshot(`fixtures/refused/${name}.txt`);
  });
});

describe('a configuration that is accepted with a warning', () => {
  it.each(casesOf('warned/'))('%s', async (name) => {
    const files = { '/etc/lb/readable.pem': 'key', '/etc/lb/private.pem': 'key' };
    const { warnings } = load(textOf('warned/', name), { files, modes: { '/etc/lb/readable.pem': 0o100_644 } });
    await expect(`${report(warnings)}\n`).toMatchFileSnapshot(`fixtures/warned/${name}.txt`);
  });
});
