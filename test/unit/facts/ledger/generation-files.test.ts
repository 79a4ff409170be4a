import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generationFiles, type KeptFile } from '../../../../src/facts/ledger/generation-files.js';
import { printed } from '../support.js';

const folder = mkdtempSync(join(tmpdir(), 'generations-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Files as a host has them, and generations that name them: `-` is that nothing stood there. */
beforeAll(() => {
  const state = join(folder, 'state');
  const generation = (id: number, files: Readonly<Record<string, string>>): void => {
    const own = join(state, 'generations', String(id));
    mkdirSync(join(own, 'files'), { recursive: true });
    const lines = Object.entries(files).map(([name, content], index) => {
      const path = join(folder, name);
      if (content === '-') return `path - - ${path}\n`;
      writeFileSync(join(own, 'files', String(index)), content);
      return `path it.service ${index} ${path}\n`;
    });
    writeFileSync(join(own, 'manifest'), `${lines.join('')}unit it.service enabled active\nend\n`);
  };
  generation(0, { changed: 'zero\n', 'a file': '-', later: 'before us\n' });
  generation(1, { changed: 'one\n', same: 'same\n', 'a file': 'gone since\n', link: 'no link\n' });
  generation(2, { changed: 'two\n', same: 'same\n', later: 'ours\n', ours: 'ours\n' });
  symlinkSync('generations/2', join(state, 'current'));
  for (const [name, content] of Object.entries({ changed: 'two\n', same: 'same\n', later: 'ours\n', ours: 'ours\n' }))
    writeFileSync(join(folder, name), content);
  symlinkSync('elsewhere', join(folder, 'link'));
  generation(3, { long: `${'x'.repeat(150_000)}one\n`, rights: 'same\n', changed: 'two\r\n' });
  writeFileSync(join(folder, 'long'), `${'x'.repeat(150_000)}two\n`);
  writeFileSync(join(folder, 'rights'), 'same\n', { mode: 0o600 });
});

function compared(id: number): readonly KeptFile[] {
  const fact = generationFiles(id);
  const script = fact.command.reveal().replaceAll('/var/lib/ha-deploy', join(folder, 'state'));
  const stdout = execFileSync('sh', ['-c', script], { encoding: 'utf8' });
  return fact.parse(printed(stdout)).map((file) => ({ ...file, path: file.path.replace(`${folder}/`, '') }));
}

test('a generation is compared with what there is, and what it does not name with what was before us', () => {
  expect(compared(1)).toEqual([
    { path: 'changed', present: 'two\n', kept: 'one\n' },
    { path: 'a file', present: undefined, kept: 'gone since\n' },
    { path: 'link', present: '-> elsewhere\n', kept: 'no link\n' },
    { path: 'later', present: 'ours\n', kept: 'before us\n' },
    { path: 'ours', present: 'ours\n', kept: undefined },
  ]);
});

test('all of a file is compared, its rights too, and its beginning told', () => {
  const files = compared(3);
  const [long, rights] = ['long', 'rights'].map((name) => files.find(({ path }) => path === name));
  expect(long?.present).toHaveLength(100_000);
  expect([long?.present === long?.kept, rights?.present, rights?.kept]).toEqual([true, 'same\n', 'same\n']);
  expect(files.find(({ path }) => path === 'changed')).toMatchObject({ kept: 'two\r\n', present: 'two\n' });
});

test('the one that there is changes nothing', () => {
  expect(compared(2)).toEqual([]);
});

test('and before the first run is one too', () => {
  expect(compared(0).map(({ path, kept }) => [path, kept])).toEqual([
    ['changed', 'zero\n'],
    ['later', 'before us\n'],
    ['same', undefined],
    ['ours', undefined],
  ]);
});

test.each(['nonsense\n', '- /x\n', '=0 - /x\n', '- - x\n'])('cannot read %j', (stdout) => {
  expect(() => generationFiles(1).parse(printed(stdout))).toThrow(expect.objectContaining({ code: 'FACT_UNREADABLE' }));
});
