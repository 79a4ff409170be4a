import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { layers, owners } from '../../oxlint.config.mjs';

const root = join(import.meta.dirname, '../..');

describe('the rooms of src/', () => {
  test('each has a rule that says what it may import', () => {
    const rooms = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(Object.keys(layers)).toEqual(expect.arrayContaining(rooms.map((room) => room.name)));
  });

  test('no file is so deep in its room, or so far outside of it, that no rule covers it', () => {
    const uncovered = sources('src').filter((path) => !/^src\/(main\.ts|[^/]+\/([^/]+\/)?[^/]+\.ts)$/.test(path));
    expect(uncovered).toEqual([]);
  });
});

describe('packages', () => {
  test('each that the product imports has an owner, and no owner is idle', () => {
    const imported = new Set([...sources('src'), ...sources('playbooks')].flatMap(packagesOf));
    expect(Object.keys(owners).toSorted()).toEqual([...imported].toSorted());
  });

  test('none has to be installed with the product: what it needs is bundled', () => {
    expect(manifest()).not.toHaveProperty('dependencies');
    expect(Object.keys(manifest().devDependencies)).toEqual(expect.arrayContaining(Object.keys(owners)));
  });

  test('only the owners import a package', () => {
    const strangers = [...sources('src'), ...sources('playbooks')].flatMap((path) => {
      const room = path.split('/')[1] ?? '';
      return packagesOf(path).flatMap((name) => (owners[name]?.includes(room) ? [] : [`${path} imports ${name}`]));
    });
    expect(strangers).toEqual([]);
  });
});

describe('the linter', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'ha-deploy-layers-'));
  let refused: Set<string>;

  const forbidden = [
    ['src/errors/a.ts', `import '../cluster/cluster.js';`],
    ['src/errors/b.ts', `import 'node:fs';`],
    ['src/facts/b.ts', `import 'node:fs/promises';`],
    ['src/cluster/a.ts', `import '../remote/runner.js';`],
    ['src/cluster/b.ts', `import 'zod';`],
    ['src/render/a.ts', `import '../config/load.js';`],
    ['src/lint/a.ts', `import '../remote/shell.js';`],
    ['src/lint/b.ts', `import 'node:fs';`],
    ['src/config/c.ts', `import '../lint/judge.js';`],
    ['src/config/a.ts', `export * from '../render/ejs.js';`],
    ['src/remote/a.ts', `import '../facts/fact.js';`],
    ['src/facts/a.ts', `import '../remote/connect.js';`],
    ['src/resources/a.ts', `import '../engine/plan.js';`],
    ['src/checks/a.ts', `import '../resources/resource.js';`],
    ['src/engine/a.ts', `import '../../playbooks/up.js';`],
    ['src/engine/b.ts', `import type { Client } from 'ssh2'; export type A = Client;`],
    ['src/engine/c.ts', `import '../remote/connect.js';`],
    ['src/engine/d.ts', `import './../report/plain.js';`],
    ['src/engine/e.ts', `import '../errors/../report/plain.js';`],
    ['src/report/a.ts', `import '../engine/apply.js';`],
    ['src/report/b.ts', `export const later = import('../config/load.js');`],
    ['src/cli/a.ts', `import 'ssh2';`],
    ['src/cli/up/a.ts', `import '../../../test/support/runner.js';`],
    ['src/cli/up/b.ts', `import 'node:process';`],
    ['src/main.ts', `import './engine/plan.js';`],
    ['playbooks/a.ts', `import '../src/engine/plan.js';`],
  ] as const;

  const permitted = [
    ['src/cluster/c.ts', `import '../errors/deploy-error.js';`],
    ['src/config/b.ts', `import 'zod';`],
    ['src/engine/f.ts', `import '../remote/runner.js';`],
    ['src/remote/b.ts', `import 'ssh2';`],
    ['src/report/c.ts', `import '../engine/run/events.js';`],
    ['src/cli/b.ts', `import '../../playbooks/up.js';`],
    ['src/cli/up/c.ts', `import '../shared.js'; import '../../remote/connect.js'; import 'node:fs/promises';`],
    ['playbooks/b.ts', `import '../src/resources/resource.js'; import './c.js';`],
  ] as const;

  beforeAll(() => {
    for (const [path, text] of [...forbidden, ...permitted]) write(join(scratch, path), text);
    write(join(scratch, 'oxlint.config.mjs'), withoutTypes(join(root, 'oxlint.config.mjs')));
    refused = filesRefused(scratch);
  });
  afterAll(() => {
    rmSync(scratch, { recursive: true });
  });

  test.each(forbidden)('refuses in %s: %s', (path) => {
    expect(refused).toContain(path);
  });

  test.each(permitted)('accepts in %s: %s', (path) => {
    expect(refused).not.toContain(path);
  });
});

describe('the package', () => {
  test('holds what the program needs at run time, and nothing of how it is made', () => {
    const files = packed();
    // Whatever has been built so far: the build comes before the tests in `npm run check`.
    const needed = ['LICENSE', 'package.json', ...filesBelow('templates'), ...filesBelow('dist')];
    expect(files).toEqual(expect.arrayContaining(needed));
    expect(files.filter((path) => /^(src|test|docker|scripts|\.)/.test(path))).toEqual([]);
  });
});

function packed(): string[] {
  const output = execFileSync('npm', ['pack', '--dry-run', '--json'], { cwd: root, encoding: 'utf8', stdio: 'pipe' });
  const [result] = JSON.parse(output) as { files: { path: string }[] }[];
  return result?.files.map((file) => file.path) ?? [];
}

/** The same rules, without the slow ones that need types. */
function withoutTypes(config: string): string {
  return `import config from '${pathToFileURL(config).href}'; export default { ...config, options: {} };`;
}

function filesRefused(folder: string): Set<string> {
  const oxlint = join(root, 'node_modules/.bin/oxlint');
  const { stdout } = spawnSync(oxlint, ['-c', 'oxlint.config.mjs', '--format', 'json', 'src', 'playbooks'], {
    cwd: folder,
    encoding: 'utf8',
  });
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string; filename: string }[] };
  const imports = diagnostics.filter((diagnostic) => diagnostic.code === 'eslint(no-restricted-imports)');
  return new Set(imports.map((diagnostic) => diagnostic.filename));
}

function manifest(): { devDependencies: Record<string, string> } {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { devDependencies: Record<string, string> };
}

function packagesOf(path: string): string[] {
  const text = readFileSync(join(root, path), 'utf8');
  const specifiers = [...text.matchAll(/\b(?:from|import)\s*\(?\s*'([^'.][^']*)'/g)].flatMap((match) => match[1] ?? []);
  return specifiers
    .filter((specifier) => !specifier.startsWith('node:'))
    .map((specifier) => /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier);
}

function sources(folder: string): string[] {
  return filesBelow(folder).filter((path) => path.endsWith('.ts'));
}

function filesBelow(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${text}\n`);
}
