import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ledger } from '../../src/facts/ledger.js';
import { printed } from '../unit/facts/support.js';
import { base64, LedgerHost, prepared } from './ledger-host.js';

/** What stands at a path. */
type Entry =
  | { readonly kind: 'file'; readonly text: string; readonly mode: number }
  | { readonly kind: 'link'; readonly to: string }
  | { readonly kind: 'nothing' };

const entry: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({
    kind: fc.constant('file' as const),
    text: fc.constantFrom('', 'one\n', 'other\n', 'no newline', '\\n \t $HOME\n'),
    mode: fc.constantFrom(0o600, 0o640, 0o644, 0o755),
  }),
  fc.record({ kind: fc.constant('link' as const), to: fc.constantFrom('nowhere', 'elsewhere', '..') }),
  fc.constant({ kind: 'nothing' as const }),
);

const names = ['plain', 'with a space', 'sub/deep/file', 'back\\nslash', '-dash'];
const tree = fc.tuple(...names.map(() => entry));

function put(path: string, wanted: Entry): void {
  rmSync(path, { recursive: true, force: true });
  if (wanted.kind === 'nothing') return;
  mkdirSync(join(path, '..'), { recursive: true });
  if (wanted.kind === 'link') return symlinkSync(wanted.to, path);
  writeFileSync(path, wanted.text);
  chmodSync(path, wanted.mode);
}

function found(path: string): Entry {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return { kind: 'nothing' };
  if (stat.isSymbolicLink()) return { kind: 'link', to: readlinkSync(path) };
  return { kind: 'file', text: readFileSync(path, 'utf8'), mode: stat.mode & 0o777 };
}

function lay(host: LedgerHost, entries: readonly Entry[]): void {
  for (const [index, each] of entries.entries()) put(host.path(names[index] ?? ''), each);
}

function laid(host: LedgerHost): readonly Entry[] {
  return names.map((name) => found(host.path(name)));
}

function paths(host: LedgerHost): readonly string[] {
  return names.map((name) => `path - ${host.path(name)}`);
}

describe('the ledger of a node', () => {
  function take(host: LedgerHost): LedgerHost {
    expect(host.take('ours')).toEqual({ exitCode: 0, lines: [] });
    return host;
  }

  function begin(host: LedgerHost): LedgerHost {
    writeFileSync(host.path('file'), 'before\n');
    expect(host.begin('ours', [`path - ${host.path('file')}`])).toEqual({ exitCode: 0, lines: [] });
    return host;
  }

  const held = prepared(() => take(new LedgerHost()));
  /** The same where the lock is the host's own. */
  const locked = prepared(() => take(new LedgerHost().withPerl()));
  /** Something is to be done to a file, and nothing has been yet. */
  const begun = prepared(() => begin(held()));

  describe('a lease', () => {
    test('belongs to one run until it has run out', () => {
      const host = locked();
      expect(host.take('other').exitCode).toBe(1);
      host.expire();
      expect(host.take('other').exitCode).toBe(0);
      expect(host.read('run/lease')).toMatch(/^token=other\nfence=2\nexpires=\d+\nholder=anna@laptop\n$/);
      expect(host.run('', 'renew', 'ours', '60').exitCode).toBe(1);
    });

    test('is taken from the run that is named', () => {
      const host = locked();
      expect(host.take('other', 'another').exitCode).toBe(1);
      expect(host.take('other', 'ours').exitCode).toBe(0);
    });

    test('may be taken twice by the same run', () => {
      expect(locked().take('ours').exitCode).toBe(0);
    });

    test('that has run out is not renewed', () => {
      const host = locked();
      expect(host.run('', 'renew', 'ours', '60').exitCode).toBe(0);
      host.expire();
      expect(host.run('', 'renew', 'ours', '60').exitCode).toBe(1);
    });

    test('is given back by its run only', () => {
      const host = locked();
      host.run('', 'give_back', 'other');
      expect(host.has('run/lease')).toBe(true);
      host.run('', 'give_back', 'ours');
      expect(host.has('run/lease')).toBe(false);
    });

    test('is not taken where nothing can be written', () => {
      const host = new LedgerHost();
      host.program('sync', 'echo "No space left on device"; exit 1');
      expect(host.take('ours').exitCode).toBe(74);
      expect(host.has('run/lease')).toBe(false);
    });
  });

  describe('a fence', () => {
    function fenced(host: LedgerHost, token: string): number | null {
      host.program('step', `exec 9>>'${host.runtime}/lock'; sh '${host.folder}/ledger.sh' fence ${token} || exit 113`);
      return host.run('', 'eval', 'step').exitCode;
    }

    test('lets the holder through, and nobody else', () => {
      const host = locked();
      expect(fenced(host, 'ours')).toBe(0);
      expect(fenced(host, 'other')).toBe(113);
      host.expire();
      expect(fenced(host, 'ours')).toBe(113);
    });
  });

  describe('what a run did', () => {
    test('is undone exactly, whatever it was', () => {
      fc.assert(
        fc.property(tree, tree, (before, after) => {
          const host = held();
          lay(host, before);
          expect(host.begin('ours', paths(host))).toEqual({ exitCode: 0, lines: [] });
          lay(host, after);
          const { exitCode, lines } = host.run('', 'undo', 'ours');
          expect(exitCode).toBe(0);
          expect(laid(host)).toEqual(before);
          const changed = names.filter((_, index) => JSON.stringify(before[index]) !== JSON.stringify(after[index]));
          expect(lines.filter((line) => line.startsWith('did=file:'))).toEqual(
            changed.map((name) => `did=file:${host.path(name)}`),
          );
          expect(host.list('files').filter((name) => name.startsWith('.ha-deploy'))).toEqual([]);
        }),
        { numRuns: 5 },
      );
    });

    test('goes back to the last generation, and to what was there before for what that does not name', () => {
      const host = held();
      const [one, two] = [host.path('one'), host.path('two')];
      writeFileSync(one, 'before\n');
      writeFileSync(two, 'before\n');
      host.begin('ours', [`path - ${one}`]);
      writeFileSync(one, 'first run\n');
      expect(host.confirm('ours', 1, [`path - ${one}`])).toEqual({ exitCode: 0, lines: [] });

      host.take('again');
      host.begin('again', [`path - ${one}`, `path - ${two}`]);
      writeFileSync(one, 'second run\n');
      writeFileSync(two, 'second run\n');
      host.run('', 'undo', 'again');
      expect(readFileSync(one, 'utf8')).toBe('first run\n');
      expect(readFileSync(two, 'utf8')).toBe('before\n');
      expect(host.read('state/reverted')).toMatch(/^why=the run gave up\nat=\d+\nto=1\ndid=file:/);
    });

    test('goes back to what an operator has made of it since a run that was undone', () => {
      const host = held();
      const path = host.path('file');
      writeFileSync(path, 'before\n');
      host.begin('ours', [`path - ${path}`, 'package haproxy']);
      host.run('', 'undo', 'ours');
      writeFileSync(path, 'by hand\n');
      host.write('packages/haproxy', 'installed');
      host.take('again');
      host.begin('again', [`path - ${path}`, 'package haproxy']);
      writeFileSync(path, 'after\n');
      host.run('', 'undo', 'again');
      expect(readFileSync(path, 'utf8')).toBe('by hand\n');
      // The package has come with us, if by a run that was undone.
      expect(host.read('state/generations/0/manifest')).toContain('package haproxy absent\n');
    });

    describe('to a file that was ours, and was given back', () => {
      function giveBack(host: LedgerHost): LedgerHost {
        const [kept, file] = [host.path('kept'), host.path('file')];
        writeFileSync(file, 'before\n');
        host.begin('ours', [`path - ${kept}`, `path - ${file}`]);
        writeFileSync(kept, 'ours\n');
        writeFileSync(file, 'ours\n');
        host.confirm('ours', 1, [`path - ${kept}`, `path - ${file}`]);
        host.take('next');
        host.begin('next', [`path - ${kept}`, `path - ${file}`]);
        host.run('', 'forget', 'path', file);
        host.confirm('next', 2, [`path - ${kept}`]);
        expect(readFileSync(file, 'utf8')).toBe('before\n');
        writeFileSync(file, 'by hand\n');
        host.take('last');
        return host;
      }

      const given = prepared(() => giveBack(held()));

      test('is undone to what it has become since', () => {
        const host = given();
        const [kept, file] = [host.path('kept'), host.path('file')];
        host.begin('last', [`path - ${kept}`, `path - ${file}`]);
        writeFileSync(file, 'after\n');
        host.run('', 'undo', 'last');
        expect(readFileSync(file, 'utf8')).toBe('by hand\n');
      });

      test('is not touched when we go', () => {
        const host = given();
        const file = host.path('file');
        expect(host.run('', 'leave', 'last', 'keep').exitCode).toBe(0);
        expect(readFileSync(file, 'utf8')).toBe('by hand\n');
        expect(host.has('files/kept')).toBe(false);
      });

      test('comes back with a generation that has it, and goes when that is undone', () => {
        const host = given();
        const file = host.path('file');
        host.begin('last', []);
        expect(host.run('', 'go', '1')).toEqual({ exitCode: 0, lines: [`did=file:${file}`] });
        expect(readFileSync(file, 'utf8')).toBe('ours\n');
        host.run('', 'undo', 'last');
        expect(readFileSync(file, 'utf8')).toBe('by hand\n');
      });
    });

    test('is services and settings too', () => {
      const host = held();
      host.unit('on.service', 'enabled', 'active');
      host.unit('off.service', 'disabled', 'inactive');
      host.unit('masked.service', 'masked', 'inactive');
      host.unit('read.service', 'enabled', 'active');
      host.write('proc/net/setting', '0\n');
      writeFileSync(host.path('config'), 'before\n');
      const units = ['on.service', 'off.service', 'masked.service', 'read.service'];
      host.begin('ours', [
        `path read.service ${host.path('config')}`,
        'sysctl net.setting',
        ...units.map((unit) => `unit ${unit}`),
      ]);
      host.unit('on.service', 'disabled', 'inactive');
      host.unit('off.service', 'enabled', 'active');
      host.unit('masked.service', 'enabled', 'active');
      host.write('proc/net/setting', '1\n');
      writeFileSync(host.path('config'), 'after\n');
      host.write('systemctl.log', '');
      const { lines } = host.run('', 'undo', 'ours');
      const states = units.map((unit) => [host.read(`units/${unit}/enabled`), host.read(`units/${unit}/active`)]);
      expect(states.map((words) => words.join('').trim().split('\n'))).toEqual([
        ['enabled', 'active'],
        ['disabled', 'inactive'],
        ['masked', 'inactive'],
        ['enabled', 'active'],
      ]);
      expect(host.read('proc/net/setting')).toBe('0\n');
      expect(host.read('systemctl.log').split('\n')).toEqual(
        expect.arrayContaining(['daemon-reload', 'restart on.service', 'reload read.service', 'stop off.service']),
      );
      expect(host.read('systemctl.log')).not.toContain('restart read.service');
      expect(lines).toContain('did=sysctl:net.setting');
    });

    test('is not undone twice, nor told of twice', () => {
      const host = held();
      host.begin('ours', [`path - ${host.path('file')}`]);
      writeFileSync(host.path('file'), 'after\n');
      expect(host.run('', 'undo', 'ours').lines).toEqual([`did=file:${host.path('file')}`]);
      host.take('again');
      expect(host.run('', 'undo', 'again')).toEqual({ exitCode: 0, lines: [] });
      expect(host.has('run/lease')).toBe(false);
    });

    test('stays due where a file cannot be put back, and the rest is', () => {
      const host = held();
      const [first, last] = [host.path('sub/first'), host.path('last')];
      mkdirSync(host.path('sub'));
      writeFileSync(first, 'before\n');
      writeFileSync(last, 'before\n');
      host.begin('ours', [`path - ${first}`, `path - ${last}`]);
      writeFileSync(first, 'after\n');
      writeFileSync(last, 'after\n');
      host.program('cp', 'case $* in *sub/.ha-deploy.revert) echo full >&2; exit 1 ;; esac; exec /bin/cp "$@"');
      expect(host.run('', 'undo', 'ours').exitCode).toBe(2);
      expect(readFileSync(last, 'utf8')).toBe('before\n');
      expect(host.has('state/uncommitted/target')).toBe(true);
      host.program('cp', 'exec /bin/cp "$@"');
      expect(host.run('', 'undo', 'ours').lines).toEqual([`did=file:${first}`]);
      expect(host.has('state/uncommitted')).toBe(false);
    });

    test('is undone by who takes over to leave, before anything of it is forgotten', () => {
      const host = begun();
      const path = host.path('file');
      writeFileSync(path, 'after\n');
      host.take('next', 'ours');
      expect(host.run('', 'leave', 'next', 'keep')).toEqual({ exitCode: 0, lines: [`did=file:${path}`] });
      expect(readFileSync(path, 'utf8')).toBe('before\n');
    });

    const twiceDone = prepared(() => {
      const host = held();
      const path = host.path('sub/file');
      mkdirSync(host.path('sub'));
      for (const [index, token] of ['ours', 'other'].entries()) {
        host.take(token);
        host.begin(token, [`path - ${path}`]);
        writeFileSync(path, `${token}\n`);
        host.confirm(token, index + 1, [`path - ${path}`]);
      }
      host.take('next');
      return host;
    });

    test.each([
      ['go', ['go', '1']],
      ['leave', ['leave', 'next', 'keep']],
    ])('is kept in mind where %s cannot put a file back', (_, words) => {
      const host = twiceDone();
      const path = host.path('sub/file');
      host.program('cp', 'case $* in *sub/.ha-deploy.revert) echo full >&2; exit 1 ;; esac; exec /bin/cp "$@"');
      host.program('rm', 'case $* in *sub/file) exit 1 ;; esac; exec /bin/rm "$@"');
      expect(host.run('', ...words).exitCode).toBe(2);
      expect(readFileSync(path, 'utf8')).toBe('other\n');
      expect(host.has('state/generations/0/manifest')).toBe(true);
    });

    test('goes back on a full disk', () => {
      const host = held();
      const many = Array.from({ length: 100 }, (_, index) => host.path(`${index}${'x'.repeat(100)}`));
      host.begin(
        'ours',
        many.map((path) => `path - ${path}`),
      );
      for (const path of many) writeFileSync(path, 'after\n');
      host.program('cat', 'case $# in 0) echo full >&2; exit 1 ;; esac; exec /bin/cat "$@"');
      expect(host.run('', 'undo', 'ours').exitCode).toBe(0);
      expect(host.list('files')).toEqual([]);
      expect(host.has('state/uncommitted')).toBe(false);
    });
  });

  describe('beginning', () => {
    test('without a lease is refused, and leaves nothing armed', () => {
      const host = held();
      expect(host.begin('other', [`path - ${host.path('file')}`]).exitCode).toBe(1);
      expect(host.has('state/uncommitted')).toBe(false);
      expect(host.list('systemd')).toEqual([]);
    });

    test('again keeps where to go back to, and what was there at first', () => {
      const host = begun();
      const path = host.path('file');
      writeFileSync(path, 'half\n');
      host.expire();
      host.take('next');
      expect(host.begin('next', [`path - ${path}`]).exitCode).toBe(0);
      expect(host.read('state/uncommitted/target')).toBe('0\n');
      host.run('', 'undo', 'next');
      expect(readFileSync(path, 'utf8')).toBe('before\n');
    });

    test('arms the watch and the boot, and both are disarmed when it ends', () => {
      const host = held();
      host.begin('ours', []);
      expect(host.read('systemd-run.log')).toMatch(/--unit=ha-deploy-watch-1\.service .* watch ours$/m);
      expect(readlinkSync(host.bootLink)).toBe(host.bootUnit);
      expect(readFileSync(host.bootUnit, 'utf8')).toContain('Before=haproxy.service keepalived.service\n');
      host.confirm('ours', 1);
      expect(host.list('systemd')).toEqual(['multi-user.target.wants']);
      expect(host.list('systemd/multi-user.target.wants')).toEqual([]);
      expect(host.list('state')).toEqual(['current', 'fence', 'generations', 'ledger.sh']);
    });

    test('is watched over by whoever takes over', () => {
      const host = held();
      host.begin('ours', []);
      host.expire();
      host.take('next');
      expect(host.read('state/uncommitted/token')).toBe('next\n');
      expect(host.read('systemd-run.log')).toMatch(/--unit=ha-deploy-watch-2\.service .* watch next$/m);
    });
  });

  describe('a lost run', () => {
    function leftAlone(host: LedgerHost): LedgerHost {
      writeFileSync(host.path('file'), 'after\n');
      host.expire();
      return host;
    }

    function lost(): LedgerHost {
      return leftAlone(begun());
    }

    /** A run on nodes that must go back together. */
    function lostTogether(meanwhile = ':'): LedgerHost {
      const host = held();
      const path = host.path('file');
      writeFileSync(path, 'before\n');
      const standBack = `echo back >>'${host.folder}/watch.log'; ${meanwhile}`;
      const release = 'echo release >>"$HOST/watch.log"';
      host.run(`path - ${path}\n`, 'begin', 'ours', base64(standBack), base64(release), '192.0.2.1');
      return leftAlone(host);
    }

    test('is undone by the watch', () => {
      const host = lost();
      host.run('', 'watch', 'ours');
      expect(readFileSync(host.path('file'), 'utf8')).toBe('before\n');
      expect(host.read('state/reverted')).toContain('why=the run was lost\n');
      expect(host.has('run/lease')).toBe(false);
    });

    test('is undone at boot, where what was inactive is kept from starting', () => {
      const host = held();
      host.begin('ours', ['unit off.service']);
      host.unit('off.service', 'enabled', 'inactive');
      rmSync(host.runtime, { recursive: true });
      host.write('systemctl.log', '');
      expect(host.run('', 'boot').exitCode).toBe(0);
      expect(host.read('units/off.service/enabled')).toBe('disabled\n');
      expect(host.read('systemctl.log')).toContain('--no-block stop off.service\n');
      expect(host.read('state/reverted')).toContain('why=the node booted before the run was confirmed\n');
    });

    test('takes part again, though only a restart had made it stand back', () => {
      const host = held();
      host.run('', 'begin', 'ours', '', base64(`echo release >>'${host.folder}/watch.log'`), '');
      host.expire();
      host.run('', 'watch', 'ours');
      expect(host.read('watch.log')).toBe('release\nsleep 1\n');
    });

    test('stays due where the boot cannot undo it', () => {
      const host = held();
      const path = host.path('sub/file');
      mkdirSync(host.path('sub'));
      writeFileSync(path, 'before\n');
      host.begin('ours', [`path - ${path}`]);
      writeFileSync(path, 'after\n');
      rmSync(host.runtime, { recursive: true });
      host.program('cp', 'case $* in *sub/.ha-deploy.revert) echo full >&2; exit 1 ;; esac; exec /bin/cp "$@"');
      host.write('systemd-run.log', '');
      expect(host.run('', 'boot').exitCode).toBe(1);
      expect(host.read('systemd-run.log')).toMatch(/ watch ours$/m);
      host.program('cp', 'exec /bin/cp "$@"');
      host.run('', 'watch', 'ours');
      expect(readFileSync(path, 'utf8')).toBe('before\n');
    });

    test('is left to the run that has taken over', () => {
      const host = lost();
      host.take('next');
      host.run('', 'watch', 'ours');
      expect(readFileSync(host.path('file'), 'utf8')).toBe('after\n');
    });

    test('stands back while the holder goes back, then takes part again', () => {
      const host = lostTogether();
      host.run('', 'watch', 'ours');
      expect(host.read('watch.log')).toBe('back\nsleep 15\nrelease\nsleep 1\n');
      expect(readFileSync(host.path('file'), 'utf8')).toBe('before\n');
    });

    test('that is taken over while it stands back is left to the other, who says when it takes part again', () => {
      const host = lostTogether('echo | sh "$HOST/ledger.sh" take next ours 60');
      host.run('', 'watch', 'ours');
      expect(host.read('watch.log')).toBe('back\nsleep 1\n');
      expect(readFileSync(host.path('file'), 'utf8')).toBe('after\n');
    });

    test('gives the others time to stand back where it holds a VIP', () => {
      const host = lostTogether();
      host.write('addresses', '2: eth0 inet 192.0.2.1/32\n');
      host.run('', 'watch', 'ours');
      expect(host.read('watch.log')).toBe('sleep 5\nrelease\nsleep 1\n');
    });

    test.each(['watch', 'boot'])('that was cut off when it had been confirmed is finished by the %s', (by) => {
      const host = lost();
      mkdirSync(join(host.state, 'generations/1'));
      symlinkSync('generations/1', join(host.state, 'current'));
      host.run('', by, 'ours');
      expect(readFileSync(host.path('file'), 'utf8')).toBe('after\n');
      expect(host.list('state')).toEqual(['current', 'fence', 'generations', 'ledger.sh']);
    });

    test('that was cut off when it had been confirmed is not what the next one goes back to', () => {
      const host = lost();
      host.take('next');
      mkdirSync(join(host.state, 'generations/1'));
      writeFileSync(join(host.state, 'generations/1/manifest'), '');
      symlinkSync('generations/1', join(host.state, 'current'));
      host.begin('next', []);
      expect(host.read('state/uncommitted/target')).toBe('1\n');
    });
  });

  describe('generations', () => {
    test('are kept ten, and the first for ever', () => {
      const host = held();
      mkdirSync(join(host.state, 'generations/3.new'), { recursive: true });
      for (let id = 0; id <= 11; id += 1) mkdirSync(join(host.state, `generations/${id}`));
      expect(host.confirm('ours', 12).exitCode).toBe(0);
      expect(host.list('state/generations')).toEqual(
        ['0', ...Array.from({ length: 10 }, (_, index) => String(index + 3))].toSorted(),
      );
      expect(readlinkSync(join(host.state, 'current'))).toBe('generations/12');
    });

    test('are not made by a run that has lost its lease', () => {
      const host = held();
      host.expire();
      expect(host.confirm('ours', 1).exitCode).toBe(1);
      expect(host.has('state/current')).toBe(false);
    });

    test('may be a copy of an earlier one, whatever stands there by now', () => {
      const host = held();
      const path = host.path('file');
      writeFileSync(path, 'first\n');
      host.begin('ours', [`path - ${path}`]);
      host.confirm('ours', 1, [`path - ${path}`]);
      host.take('next');
      writeFileSync(path, 'by hand\n');
      expect(host.copy('next', 2, 1).exitCode).toBe(0);
      expect(readlinkSync(join(host.state, 'current'))).toBe('generations/2');
      expect(host.read('state/current/head')).toBe('id=2\n');
      expect(host.read('state/current/files/1')).toBe('first\n');
      expect(readFileSync(path, 'utf8')).toBe('by hand\n');
      host.take('third');
      expect(host.run('', 'go', '2').lines).toEqual([`did=file:${path}`]);
      expect(readFileSync(path, 'utf8')).toBe('first\n');
    });

    test('are no copies of one that is not there, and nothing is confirmed then', () => {
      const host = held();
      host.confirm('ours', 1);
      host.take('next');
      expect(host.copy('next', 2, 7).exitCode).toBe(2);
      expect(host.run('', 'confirm', 'next', '2').exitCode).toBe(2);
      expect(readlinkSync(join(host.state, 'current'))).toBe('generations/1');
    });

    test('say what there is', () => {
      const host = held();
      host.unit('on.service', 'enabled', 'active');
      host.write('proc/net/setting', '1\n');
      host.write('packages/haproxy', 'installed');
      writeFileSync(host.path('a file'), 'text\n');
      const lines = [`path on.service ${host.path('a file')}`, 'path - /nowhere', 'sysctl net.setting'];
      host.confirm('ours', 1, [...lines, 'unit on.service', 'package haproxy', 'package keepalived']);
      expect(host.read('state/current/manifest').split('\n')).toEqual([
        `path on.service 1 ${host.path('a file')}`,
        'path - - /nowhere',
        'sysctl net.setting 1',
        'unit on.service enabled active',
        'package haproxy installed',
        'package keepalived absent',
        '',
      ]);
      expect(host.read('state/current/files/1')).toBe('text\n');
      expect(host.read('state/current/head')).toBe('id=1\n');
    });
  });

  test('is what the fact reads', () => {
    const host = held();
    const tenant = 'holder=anna@laptop\nmachine=0123\npid=1\nprocess=2\nsince=3\ncommand=up\n';
    host.run(tenant, 'take', 'ours', '-', '60');
    host.begin('ours', [`path - ${host.path('file')}`]);
    const command = ledger.command
      .reveal()
      .replaceAll('/var/lib/ha-deploy', host.state)
      .replaceAll('/run/ha-deploy-lease', host.runtime);
    host.program('ask', command);
    const stdout = host
      .run('', 'eval', 'ask')
      .lines.map((line) => `${line}\n`)
      .join('')
      .replaceAll(host.state, '/var/lib/ha-deploy')
      .replaceAll(host.runtime, '/run/ha-deploy-lease');
    expect(ledger.parse(printed(stdout))).toMatchObject({
      lease: {
        token: 'ours',
        holder: 'anna@laptop',
        fence: 2,
        command: 'up',
        secondsLeft: expect.any(Number) as number,
      },
      unfinished: true,
      generation: undefined,
      reverted: undefined,
    });
  });
});
