import {
  chmodSync,
  existsSync,
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
import { ledger } from '../../src/facts/ledger/ledger.js';
import { printed } from '../unit/facts/support.js';
import { fine, headOf, LedgerHost, prepared, programs } from './ledger-host.js';

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

function isNothing(entries: readonly Entry[], name: string): number {
  return Number(entries[names.indexOf(name)]?.kind === 'nothing');
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
      expect(host.read('run/lease')).toMatch(/^token=other\nfence=2\nseconds=60\nexpires=\d+\nholder=anna@laptop\n$/);
      expect(host.renew('ours', 1100).exitCode).toBe(1);
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
      expect(host.renew('ours', 1100).exitCode).toBe(0);
      host.expire();
      expect(host.renew('ours', 1100).exitCode).toBe(1);
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
          // What comes is put there before anything goes.
          const told = changed.toSorted((one, other) => isNothing(before, one) - isNothing(before, other));
          expect(lines.filter((line) => line.startsWith('did=file:'))).toEqual(
            told.map((name) => `did=file:${host.path(name)}`),
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

    test('stops no unit that was down just as a run recorded its state', () => {
      const host = held();
      host.unit('lb.service', 'enabled', 'active');
      host.begin('ours', ['unit lb.service']);
      host.unit('lb.service', 'enabled', 'failed');
      expect(host.confirm('ours', 1, ['unit lb.service'])).toEqual({ exitCode: 0, lines: [] });
      host.unit('lb.service', 'enabled', 'active');

      host.take('again');
      host.begin('again', ['unit lb.service']);
      host.write('systemctl.log', '');
      expect(host.run('', 'undo', 'again').exitCode).toBe(0);
      expect(host.read('systemctl.log')).not.toMatch(/stop/);
      expect(host.read('units/lb.service/active')).toBe('active\n');
    });

    test('takes a unit that has crashed for one that runs, once systemd has started it again', () => {
      const host = held();
      host.unit('lb.service', 'enabled', 'deactivating');
      host.program('meanwhile', 'echo active >"$HOST/units/lb.service/active"');
      host.begin('ours', ['unit lb.service']);
      expect(host.read('state/generations/0/manifest')).toBe('unit lb.service enabled active\n');
    });

    test('takes a unit that goes on stopping for one that is stopped', () => {
      const host = held();
      host.unit('lb.service', 'enabled', 'deactivating');
      host.begin('ours', ['unit lb.service']);
      expect(host.read('state/generations/0/manifest')).toBe('unit lb.service enabled inactive\n');
    });

    test('stops a unit that was not to run, also one that is long in stopping', () => {
      const host = held();
      host.unit('off.service', 'disabled', 'inactive');
      host.begin('ours', ['unit off.service']);
      host.unit('off.service', 'disabled', 'deactivating');
      host.write('systemctl.log', '');
      expect(host.run('', 'undo', 'ours').exitCode).toBe(0);
      expect(host.read('systemctl.log')).toContain('stop off.service\n');
    });

    test('takes a unit that systemd is yet to start, as it waits for another, for one that runs', () => {
      const host = held();
      host.unit('lb.service', 'enabled', 'inactive');
      host.write('units/lb.service/job', '');
      host.begin('ours', ['unit lb.service']);
      expect(host.read('state/generations/0/manifest')).toBe('unit lb.service enabled active\n');
    });

    test.each([
      ['half-configured', 'installed'],
      ['triggers-pending', 'installed'],
      ['unpacked', 'installed'],
      ['config-files', 'absent'],
      ['not-installed', 'absent'],
    ])('takes a package that is %s for one that is %s', (status, expected) => {
      const host = held();
      host.write('packages/haproxy', status);
      host.begin('ours', ['package haproxy']);
      expect(host.read('state/generations/0/manifest')).toBe(`package haproxy ${expected}\n`);
    });

    test('starts nothing that was down before us, after going back to before us', () => {
      const host = held();
      host.unit('lb.service', 'enabled', 'inactive');
      host.begin('ours', ['unit lb.service']);
      host.unit('lb.service', 'enabled', 'active');
      expect(host.confirm('ours', 1, ['unit lb.service']).exitCode).toBe(0);
      host.take('back');
      host.begin('back', []);
      host.unit('lb.service', 'enabled', 'inactive');
      expect(host.copy('back', 2, 0).exitCode).toBe(0);
      host.take('again');
      host.begin('again', ['unit lb.service']);
      host.write('systemctl.log', '');
      expect(host.run('', 'undo', 'again').exitCode).toBe(0);
      expect(host.read('systemctl.log')).not.toMatch(/start|enable/);
    });

    test.each(['haproxy', 'keepalived'] as const)('asks the daemon of a file that is a link to another: %s', (name) => {
      const host = held();
      const path = host.path(name === 'haproxy' ? 'haproxy.cfg' : 'keepalived.conf');
      host.daemon(name, 'router_id theirs\n');
      writeFileSync(host.path('site'), 'router_id theirs\n');
      rmSync(path);
      symlinkSync('site', path);
      host.begin('ours', [`path ${name}.service ${path}`, `unit ${name}.service`], '100');
      rmSync(path);
      host.daemon(name, 'router_id a/ha-deploy:0123456789ab-aaaaaaaa\n');
      expect(host.run('', 'turn_back', 'ours').exitCode).toBe(0);
      expect(host.run('', 'undo', 'ours').exitCode).toBe(0);
      expect(readlinkSync(path)).toBe('site');
      expect(host.read(`units/${name}.service/runs`)).toBe('router_id theirs\n');
      expect(host.has('state/uncommitted')).toBe(false);
    });

    test.each([
      ['haproxy', 'description ha-deploy:0123456789ab\n'],
      ['keepalived', 'router_id a/ha-deploy:0123456789ab-aaaaaaaa\n'],
    ] as const)('is not undone while %s goes on with what is ours', (name, ours) => {
      const host = held();
      const path = host.path(name === 'haproxy' ? 'haproxy.cfg' : 'keepalived.conf');
      host.daemon(name, 'theirs\n');
      host.begin('ours', [`path ${name}.service ${path}`, `unit ${name}.service`]);
      host.daemon(name, ours);
      // It is told to read its file, and does not.
      host.write(`units/${name}.service/broken`, '');
      expect(host.run('', 'undo', 'ours').exitCode).toBe(2);
      expect(host.has('state/uncommitted')).toBe(true);
      rmSync(join(host.folder, `units/${name}.service/broken`));
      expect(host.run('', 'undo', 'ours').exitCode).toBe(0);
    });

    test('has systemd read its unit files again, also where that failed at first', () => {
      const host = held();
      const path = host.path('drop-in.conf');
      host.daemon('haproxy', 'description ha-deploy:0123456789ab\n');
      host.begin('ours', [`path haproxy.service ${path}`, 'unit haproxy.service']);
      writeFileSync(path, 'ours\n');
      host.program('systemctl', `case $1 in daemon-reload) exit 1 ;; esac\n${programs.systemctl}`);
      expect(host.run('', 'undo', 'ours').exitCode).toBe(2);
      host.program('systemctl', programs.systemctl);
      host.write('systemctl.log', '');
      expect(host.run('', 'undo', 'ours').exitCode).toBe(0);
      expect(host.read('systemctl.log')).toContain('daemon-reload\n');
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
        expect.arrayContaining(['daemon-reload', 'start on.service', 'reload read.service', 'stop off.service']),
      );
      expect(host.read('systemctl.log')).not.toContain('restart');
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

    test('stays due where a file cannot be put back, and nothing of it is touched', () => {
      const host = held();
      const [first, last] = [host.path('sub/first'), host.path('last')];
      mkdirSync(host.path('sub'));
      writeFileSync(first, 'before\n');
      writeFileSync(last, 'before\n');
      host.begin('ours', [`path - ${first}`, `path - ${last}`]);
      writeFileSync(first, 'after\n');
      writeFileSync(last, 'after\n');
      host.program('cp', 'case $* in *sub/.ha-deploy.revert.*) echo full >&2; exit 1 ;; esac; exec /bin/cp "$@"');
      expect(host.run('', 'undo', 'ours').exitCode).toBe(2);
      expect(readFileSync(last, 'utf8')).toBe('after\n');
      expect(host.list('files').filter((name) => name.startsWith('.ha-deploy'))).toEqual([]);
      expect(host.has('state/uncommitted/target')).toBe(true);
      host.program('cp', 'exec /bin/cp "$@"');
      expect(host.run('', 'undo', 'ours').lines).toEqual([`did=file:${first}`, `did=file:${last}`]);
      expect(host.has('state/uncommitted')).toBe(false);
    });

    test('loses no file that another needs which cannot be put back', () => {
      const host = held();
      const [config, certificate] = [host.path('last'), host.path('x.pem')];
      writeFileSync(config, 'before\n');
      host.begin('ours', [`path - ${certificate}`, `path - ${config}`]);
      writeFileSync(config, `names ${certificate}\n`);
      writeFileSync(certificate, 'key\n');
      host.program('cp', 'case $* in *.ha-deploy.revert.*) echo full >&2; exit 1 ;; esac; exec /bin/cp "$@"');
      expect(host.run('', 'undo', 'ours').exitCode).toBe(2);
      expect(readFileSync(certificate, 'utf8')).toBe('key\n');
      host.program('cp', 'exec /bin/cp "$@"');
      expect(host.run('', 'undo', 'ours').exitCode).toBe(0);
      expect(existsSync(certificate)).toBe(false);
    });

    test('is watched over no more when we have left', () => {
      const host = begun();
      expect(host.run('', 'leave', 'ours', 'keep').exitCode).toBe(0);
      expect(host.run('', 'watch', 'ours').exitCode).toBe(0);
      expect(host.has('state')).toBe(false);
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
      host.program('cp', 'case $* in *sub/.ha-deploy.revert.*) echo full >&2; exit 1 ;; esac; exec /bin/cp "$@"');
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

    test('is undone by the watch', () => {
      const host = lost();
      expect(host.run('', 'watch', 'ours').exitCode).toBe(0);
      expect(readFileSync(host.path('file'), 'utf8')).toBe('before\n');
      expect(host.read('state/reverted')).toContain('why=the run ended before it was confirmed\n');
      expect(host.has('run/lease')).toBe(false);
    });

    test('is undone at boot, where what was inactive is kept from starting', () => {
      const host = held();
      host.unit('off.service', 'disabled', 'inactive');
      host.begin('ours', ['unit off.service']);
      host.unit('off.service', 'enabled', 'inactive');
      rmSync(host.runtime, { recursive: true });
      host.write('systemctl.log', '');
      expect(host.run('', 'boot').exitCode).toBe(0);
      expect(host.read('units/off.service/enabled')).toBe('disabled\n');
      expect(host.read('systemctl.log')).toContain('--no-block stop off.service\n');
      expect(host.read('state/reverted')).toContain('why=the node booted before the run was confirmed\n');
    });

    test('is undone at boot on a host that lacks the unit by now', () => {
      const host = held();
      host.begin('ours', ['unit gone.service']);
      rmSync(host.runtime, { recursive: true });
      expect(host.run('', 'boot').exitCode).toBe(0);
      expect(host.has('state/uncommitted')).toBe(false);
    });

    test('stays due where the boot cannot undo it', () => {
      const host = held();
      const path = host.path('sub/file');
      mkdirSync(host.path('sub'));
      writeFileSync(path, 'before\n');
      host.begin('ours', [`path - ${path}`]);
      writeFileSync(path, 'after\n');
      rmSync(host.runtime, { recursive: true });
      host.program('cp', 'case $* in *sub/.ha-deploy.revert.*) echo full >&2; exit 1 ;; esac; exec /bin/cp "$@"');
      host.write('systemd-run.log', '');
      host.run('', 'boot');
      expect(host.read('systemd-run.log')).toMatch(/ watch ours$/m);
      expect(host.read('run/due')).toContain('full\n');
      host.program('cp', 'exec /bin/cp "$@"');
      host.run('', 'watch', 'ours');
      expect(readFileSync(path, 'utf8')).toBe('before\n');
      expect(host.has('run/due')).toBe(false);
    });

    test('is left to the run that has taken over', () => {
      const host = lost();
      host.take('next');
      host.run('', 'watch', 'ours');
      expect(readFileSync(host.path('file'), 'utf8')).toBe('after\n');
    });

    test('that was only written down is undone', () => {
      const host = begun();
      expect(host.record('ours', 1).exitCode).toBe(0);
      leftAlone(host).run('', 'watch', 'ours');
      expect(readFileSync(host.path('file'), 'utf8')).toBe('before\n');
      expect(host.has('state/current')).toBe(false);
    });

    test.each(['watch', 'boot'])('that every node had written down is kept by the %s', (by) => {
      const host = begun();
      host.record('ours', 1);
      expect(host.run('', 'prepare', 'ours', '1').exitCode).toBe(0);
      leftAlone(host).run('', by, 'ours');
      expect(readFileSync(host.path('file'), 'utf8')).toBe('after\n');
      expect(readlinkSync(join(host.state, 'current'))).toBe('generations/1');
      expect(host.read('state/kept')).toMatch(/^1 \d+\n$/);
      expect(host.has('state/uncommitted')).toBe(false);
    });

    test('is kept on a node that it had nothing to do on, too', () => {
      const host = held();
      host.record('ours', 1);
      expect(host.run('', 'prepare', 'ours', '1').exitCode).toBe(0);
      host.expire();
      host.run('', 'watch', 'ours');
      expect(readlinkSync(join(host.state, 'current'))).toBe('generations/1');
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

    test('is not for everybody to finish', () => {
      const host = lost();
      expect(host.take('next', '-', 'refuse').exitCode).toBe(3);
      expect(host.read('run/lease')).toContain('token=ours\n');
    });

    test.each(['TERM', 'HUP', 'INT'])('has a watch that is not content with SIG%s', (signal) => {
      const host = begun();
      host.program('sleep', `kill -${signal} $PPID; exec /bin/sleep 0.05`);
      // systemd starts a service again whose exit code is another than 0.
      expect(host.run('', 'watch', 'ours').exitCode).toBe(1);
    });

    test('is undone although nobody can tell for a while when its lease ends', () => {
      const host = lost();
      const lease = host.read('run/lease');
      host.write('run/lease', 'token=ours\n');
      host.program('meanwhile', `[ "$(wc -l <"$HOST/watch.log")" -lt 5 ] || printf '${lease}' >"$HOST/run/lease"`);
      host.run('', 'watch', 'ours');
      expect(readFileSync(host.path('file'), 'utf8')).toBe('before\n');
      expect(host.read('watch.log').split('\n').length).toBeGreaterThan(5);
    });
  });

  describe('a lost run that changed what all nodes must agree on', () => {
    const old = 'global_defs {\n  router_id node-101/ha-deploy:0123456789ab-aaaaaaaa\n}\n';
    const wanted = old.replace('aaaaaaaa', 'bbbbbbbb');

    function changed(host: LedgerHost): LedgerHost {
      const path = host.path('keepalived.conf');
      host.daemon('keepalived', old);
      expect(host.begin('ours', [`path keepalived.service ${path}`, 'unit keepalived.service'], '100').exitCode).toBe(
        0,
      );
      host.daemon('keepalived', wanted);
      return host;
    }

    const changedHere = prepared(() => changed(held()));
    const writtenDown = prepared(() => {
      const host = changedHere();
      fine(host.record('ours', 1, [`path keepalived.service ${host.path('keepalived.conf')}`]));
      return host;
    });
    const writtenDownByAll = prepared(() => {
      const host = writtenDown();
      fine(host.run('', 'prepare', 'ours', '1'));
      return host;
    });

    const keepalived = (host: LedgerHost) => [
      `path keepalived.service ${host.path('keepalived.conf')}`,
      'unit keepalived.service',
    ];

    /** One that this node keeps, and that has it stand back still; the next run has the node. */
    const keptAndTaken = prepared(() => {
      const host = held();
      host.daemon('keepalived', old);
      fine(host.begin('ours', keepalived(host), '5000'));
      host.daemon('keepalived', wanted);
      fine(host.record('ours', 1, keepalived(host)));
      fine(host.run('', 'prepare', 'ours', '1'));
      fine(host.run('', 'confirm', 'ours', '1'));
      fine(host.run('', 'stand_back', 'ours'));
      host.expire();
      fine(host.take('next'));
      return host;
    });

    /** The lease runs out, and the watch does what it does. @returns how many seconds it took until the run was over */
    function lapse(host: LedgerHost, role: string, wire: string): number {
      host.write('role', `${role}\n`);
      host.write('wire', `${wire}\n`);
      host.expire();
      expect(host.run('', 'watch', 'ours').exitCode).toBe(0);
      return Number(/^\d+/.exec(host.read(host.has('over') ? 'over' : 'uptime'))?.[0]) - 1000;
    }

    /** What runs, and whether it takes part. */
    function outcome(host: LedgerHost): readonly [string | undefined, boolean] {
      const running = /-([a-b]{8})$/m.exec(host.read('units/keepalived.service/runs'))?.[1];
      return [
        running,
        !host.has('flags/standing-back') &&
          !(host.has('flags/maintenance') && /^[12]/.test(host.read('flags/maintenance'))),
      ];
    }

    /** What each second of waiting finds. */
    function meanwhile(host: LedgerHost, script: string): void {
      host.program('meanwhile', script);
    }

    test('is given up here before anything of it is put back: the holder goes on, any other stands back', () => {
      const holder = writtenDownByAll();
      holder.write('role', 'MASTER\n');
      expect(holder.run('', 'turn_back', 'ours')).toEqual({ exitCode: 0, lines: ['role=master', 'terms=other'] });
      expect(holder.has('flags/maintenance')).toBe(false);
      const other = writtenDownByAll();
      expect(other.run('', 'turn_back', 'ours')).toEqual({ exitCode: 0, lines: ['role=backup', 'terms=other'] });
      expect(other.read('flags/maintenance')).toBe('2\n');
      for (const host of [holder, other]) {
        expect(outcome(host)[0]).toBe('bbbbbbbb');
        expect(host.has('state/uncommitted/prepared')).toBe(false);
      }
    });

    test('is given up also where it was confirmed', () => {
      const host = writtenDownByAll();
      fine(host.run('', 'confirm', 'ours', '1'));
      expect(host.run('', 'turn_back', 'ours').exitCode).toBe(0);
      expect(host.has('state/current')).toBe(false);
    });

    test('keeps any but the holder back also where the disk takes nothing more', () => {
      const host = writtenDownByAll();
      host.program('rm', 'case $* in */prepared*) echo "Read-only file system" >&2; exit 1 ;; esac; exec /bin/rm "$@"');
      const { exitCode, lines } = host.run('', 'turn_back', 'ours');
      expect({ exitCode, lines: lines.slice(0, 2) }).toEqual({ exitCode: 5, lines: ['role=backup', 'terms=other'] });
      expect(host.read('flags/maintenance')).toBe('2\n');
    });

    test('is undone on a full disk where nothing is to be put back', () => {
      const host = changedHere();
      host.daemon('keepalived', old);
      host.program('mv', 'case $* in */state/*.new*) echo full >&2; exit 1 ;; esac; exec /bin/mv "$@"');
      expect(host.run('', 'undo', 'ours')).toEqual({ exitCode: 0, lines: [] });
      expect(host.has('state/uncommitted')).toBe(false);
    });

    test('that is kept, and waits to take part, is listened for by the next run as well', () => {
      const host = keptAndTaken();
      expect(host.has('state/uncommitted/target')).toBe(true);
      fine(host.begin('next', keepalived(host)));
      expect(host.read('state/uncommitted/together')).toBe('5000\n');
      expect(host.read('state/uncommitted/target')).toBe('1\n');
      expect(host.read('flags/maintenance')).toBe('2\n');
    });

    test('that is kept, and waits to take part, is not undone by a run that has nothing to do there', () => {
      const host = keptAndTaken();
      fine(host.record('next', 2, keepalived(host)));
      fine(host.run('', 'prepare', 'next', '2'));
      expect(host.run('', 'undo', 'next').exitCode).toBe(0);
      expect(readlinkSync(join(host.state, 'current'))).toBe('generations/1');
      expect(outcome(host)[0]).toBe('bbbbbbbb');
    });

    test('that was confirmed here, and undone by others, makes this node give way to their holder', () => {
      const host = writtenDownByAll();
      fine(host.run('', 'confirm', 'ours', '1'));
      host.write('role', 'MASTER\n');
      host.write('wire', 'other\n');
      host.expire();
      meanwhile(
        host,
        '[ "$(grep -c . "$HOST/watch.log")" -lt 30 ] || echo silent >"$HOST/wire"; cat "$HOST/flags/maintenance" >>"$HOST/seen"',
      );
      expect(host.run('', 'watch', 'ours').exitCode).toBe(0);
      expect(host.read('seen')).toMatch(/^(2\n){5}/);
      expect(outcome(host)).toEqual(['bbbbbbbb', true]);
    });

    test.each([
      ['confirmed', 'BACKUP', 1],
      ['kept by the holder', 'MASTER', 0],
      ['kept by another', 'BACKUP', 0],
    ])('that was %s here is given way to no later than a holder goes back from it', (_, role, isConfirmed) => {
      const host = writtenDownByAll();
      if (isConfirmed === 1) fine(host.run('', 'confirm', 'ours', '1'));
      host.write('role', `${role}\n`);
      host.write('wire', 'same\n');
      host.expire();
      // A minute after the end of the lease the holder's own has ended; another minute later it is as it should be again.
      meanwhile(
        host,
        `read -r now rest <"$HOST/uptime"; now=\${now%%.*}
[ "$now" -lt 1060 ] || echo other >"$HOST/wire"
[ "$now" -lt 1120 ] || echo same >"$HOST/wire"
echo "$now $(cat "$HOST/flags/maintenance")" >>"$HOST/seen"`,
      );
      expect(host.run('', 'watch', 'ours').exitCode).toBe(0);
      const seen = host
        .read('seen')
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' ').map(Number));
      const flags = (from: number, to: number) =>
        new Set(seen.flatMap(([at = 0, flag]) => (at >= from && at < to ? [flag] : [])));
      expect(flags(1030, 1060)).toEqual(new Set([0]));
      expect(flags(1065, 1120)).toEqual(new Set([2]));
      expect(outcome(host)).toEqual(['bbbbbbbb', true]);
      expect(host.has('run/heeds')).toBe(false);
      expect(host.has('run/due')).toBe(false);
    });

    test.each(['', '100', '1 2 3', 'x 1'])('what cannot be read of it is no reason to end the watch: %j', (text) => {
      const host = held();
      host.write('run/heeds', `${text}\n`);
      const ended = host.run('', 'eval', 'heeded && echo "$heeded_interval $heeded_until"');
      expect([ended.exitCode === 0, ...ended.lines]).toEqual(text === '' ? [true, '0 0'] : [false]);
    });

    test('of that, what was being written when the watch died is swept away', () => {
      const host = held();
      host.write('run/heeds.new', '1');
      expect(host.run('', 'eval', 'sweep').exitCode).toBe(0);
      expect(host.has('run/heeds.new')).toBe(false);
    });

    test('is not listened for on a node that is left', () => {
      const host = held();
      host.begin('ours', [`path - ${host.path('file')}`]);
      host.write('run/heeds', '100 9999\n');
      expect(host.run('', 'leave', 'ours', 'keep').exitCode).toBe(0);
      expect(host.has('run/heeds')).toBe(false);
    });

    test('is undone by the run itself, and any but the holder stands back until that has gone back too', () => {
      const host = changedHere();
      host.write('wire', 'other\n');
      expect(host.run('', 'undo', 'ours').lines).toContain(
        'waits=another node holds a VIP of this node on other terms; that node has to go back first',
      );
      expect(outcome(host)).toEqual(['aaaaaaaa', false]);
      meanwhile(host, '[ "$(grep -c . "$HOST/watch.log")" -lt 4 ] || echo same >"$HOST/wire"');
      expect(host.run('', 'watch', 'ours').exitCode).toBe(0);
      expect(outcome(host)).toEqual(['aaaaaaaa', true]);
      expect(host.has('state/uncommitted')).toBe(false);
    });

    test.each([
      ['undone', changedHere],
      ['kept', writtenDownByAll],
    ])('that is %s here keeps a node back that boots before it was to take part', (_, made) => {
      const host = made();
      host.write('role', 'BACKUP\n');
      host.write('wire', 'deaf\n');
      host.expire();
      // The power fails when the node waits.
      host.program(
        'sleep',
        'read -r now rest <"$HOST/uptime"; echo "$((${now%%.*} + 1)).00 $rest" >"$HOST/uptime"; [ "${now%%.*}" -lt 1100 ] || kill -KILL "$PPID"',
      );
      host.run('', 'watch', 'ours');
      host.program('sleep', programs.sleep);
      const [running] = outcome(host);
      rmSync(host.runtime, { recursive: true });
      rmSync(join(host.folder, 'flags'), { recursive: true });
      expect(host.run('', 'boot').exitCode).toBe(0);
      expect(host.read('flags/maintenance')).toBe('2\n');
      meanwhile(host, ':');
      host.write('wire', 'same\n');
      expect(host.run('', 'watch', 'ours').exitCode).toBe(0);
      expect(outcome(host)).toEqual([running, true]);
      expect(host.has('state/uncommitted')).toBe(false);
    });

    test('is listened for as long as the longest interval of any node, until this one takes part', () => {
      const host = held();
      const path = host.path('keepalived.conf');
      host.daemon('keepalived', old);
      host.begin('ours', [`path keepalived.service ${path}`, 'unit keepalived.service'], '5000');
      host.daemon('keepalived', wanted);
      expect(lapse(host, 'BACKUP', 'same')).toBeGreaterThanOrEqual(22);
      expect(new Set(host.read('listened').trim().split('\n'))).toEqual(new Set(['5000']));
    });

    test('is not forgotten by who takes over, nor how long there is to listen', () => {
      const host = held();
      host.daemon('keepalived', old);
      const footprint = [`path keepalived.service ${host.path('keepalived.conf')}`, 'unit keepalived.service'];
      host.begin('ours', footprint, '5000');
      host.take('next', 'ours');
      fine(host.begin('next', footprint, '100'));
      expect(host.read('state/uncommitted/together')).toBe('5000\n');
    });

    test('is undone by a holder of the VIP beside another, who has gone back', () => {
      const host = writtenDownByAll();
      meanwhile(host, '! grep -q aaaaaaaa "$HOST/units/keepalived.service/runs" || echo same >"$HOST/wire"');
      lapse(host, 'MASTER', 'other');
      expect(outcome(host)).toEqual(['aaaaaaaa', true]);
    });

    describe('on a node whose keepalived works, and cannot be asked', () => {
      function mute(host: LedgerHost): LedgerHost {
        // As it was asked when the run began.
        host.run('', 'ask_keepalived');
        host.write('units/keepalived.service/mute', '');
        meanwhile(host, '[ "$(grep -c . "$HOST/watch.log")" -lt 60 ] || rm -f "$HOST/units/keepalived.service/mute"');
        return host;
      }

      test('goes on serving where nobody else holds the VIP, and restarts nothing', () => {
        const host = mute(changedHere());
        meanwhile(
          host,
          'cat "$HOST/flags/maintenance" >>"$HOST/seen" 2>/dev/null; [ "$(grep -c . "$HOST/watch.log")" -lt 60 ] || rm -f "$HOST/units/keepalived.service/mute"',
        );
        lapse(host, 'MASTER', 'silent');
        expect(host.has('seen') ? host.read('seen') : '').not.toContain('2');
        expect(outcome(host)).toEqual(['aaaaaaaa', true]);
        expect(host.read('systemctl.log')).not.toMatch(/restart|stop/);
      });

      test('stands back where another holds it', () => {
        const host = mute(changedHere());
        lapse(host, 'BACKUP', 'same');
        expect(outcome(host)).toEqual(['aaaaaaaa', true]);
        expect(host.read('systemctl.log')).not.toMatch(/restart|stop/);
      });
    });

    test('is undone by the holder when the others have had time to stand back, and it never does itself', () => {
      const host = changedHere();
      expect(lapse(host, 'MASTER', 'same')).toBeGreaterThanOrEqual(17);
      expect(outcome(host)).toEqual(['aaaaaaaa', true]);
      expect(host.has('flags/maintenance')).toBe(false);
    });

    test('is undone by the others at once, who stand back until the holder has gone back too', () => {
      const host = changedHere();
      meanwhile(
        host,
        `
        grep -c . "$HOST/watch.log" >"$HOST/count"; read -r count <"$HOST/count"
        cat "$HOST/flags/maintenance" "$HOST/wire" | tr '\\n' ' ' >>"$HOST/seen"
        [ "$count" -lt 6 ] || echo same >"$HOST/wire"`,
      );
      expect(lapse(host, 'BACKUP', 'other')).toBeGreaterThanOrEqual(15);
      expect(outcome(host)).toEqual(['aaaaaaaa', true]);
      expect(host.read('seen')).not.toMatch(/0 other/);
    });

    test('leaves no node back where nobody holds the VIP', () => {
      const host = changedHere();
      expect(lapse(host, 'BACKUP', 'silent')).toBeLessThan(10);
      expect(outcome(host)).toEqual(['aaaaaaaa', true]);
    });

    test('leaves a node back that cannot hear anybody, until it can', () => {
      const host = changedHere();
      meanwhile(
        host,
        '[ "$(grep -c . "$HOST/watch.log")" -lt 4 ] || echo silent >"$HOST/wire"; cat "$HOST/flags/maintenance" >>"$HOST/seen"',
      );
      lapse(host, 'BACKUP', 'deaf');
      expect(host.read('seen')).toMatch(/^(2\n){3}/);
      expect(outcome(host)).toEqual(['aaaaaaaa', true]);
    });

    test('lets no node take part whose keepalived has not gone back', () => {
      const host = changedHere();
      host.write('units/keepalived.service/broken', '');
      meanwhile(
        host,
        '[ "$(grep -c "sleep 3" "$HOST/watch.log")" -lt 3 ] || rm -f "$HOST/units/keepalived.service/broken"; cat "$HOST/flags/maintenance" >>"$HOST/seen"',
      );
      lapse(host, 'BACKUP', 'silent');
      expect(host.read('seen')).toMatch(/^(2\n){3}/);
      expect(outcome(host)).toEqual(['aaaaaaaa', true]);
      expect(host.read('systemctl.log')).not.toMatch(/restart|stop/);
    });

    test('that every node had written down is kept by the holder at once', () => {
      const host = writtenDownByAll();
      expect(lapse(host, 'MASTER', 'silent')).toBe(0);
      expect(outcome(host)).toEqual(['bbbbbbbb', true]);
      expect(readlinkSync(join(host.state, 'current'))).toBe('generations/1');
    });

    test('that every node had written down is kept by another when the holder has kept it', () => {
      const host = writtenDownByAll();
      expect(lapse(host, 'BACKUP', 'same')).toBeGreaterThanOrEqual(22);
      expect(outcome(host)).toEqual(['bbbbbbbb', true]);
    });

    test('that every node had written down is kept at once where the holder is gone: somebody serves', () => {
      const host = writtenDownByAll();
      expect(lapse(host, 'BACKUP', 'silent')).toBeLessThan(5);
      expect(outcome(host)).toEqual(['bbbbbbbb', true]);
    });

    test('that the holder did not keep is undone by another', () => {
      const host = writtenDownByAll();
      meanwhile(host, '! grep -q aaaaaaaa "$HOST/units/keepalived.service/runs" || echo same >"$HOST/wire"');
      lapse(host, 'BACKUP', 'other');
      expect(outcome(host)).toEqual(['aaaaaaaa', true]);
      expect(host.has('state/current')).toBe(false);
    });

    test('that the holder had not heard of being written down by all is undone by it', () => {
      const host = writtenDown();
      expect(lapse(host, 'MASTER', 'silent')).toBeGreaterThanOrEqual(17);
      expect(outcome(host)).toEqual(['aaaaaaaa', true]);
    });

    test('that this node was not told of being written down by all is undone, whatever the holder says on the wire', () => {
      const host = writtenDown();
      meanwhile(host, 'cat "$HOST/flags/maintenance" >>"$HOST/seen"');
      // Terms that sound the same: the holder has gone back when it had its time for that.
      expect(lapse(host, 'BACKUP', 'same')).toBeGreaterThanOrEqual(22);
      expect(outcome(host)).toEqual(['aaaaaaaa', true]);
      expect(host.read('seen')).not.toContain('0');
      expect(host.has('state/kept')).toBe(false);
    });

    test('is left alone by a boot that nobody has asked for, as long as it lives', () => {
      const host = changedHere();
      expect(host.run('', 'boot').exitCode).toBe(0);
      expect(outcome(host)).toEqual(['bbbbbbbb', true]);
      expect(host.has('state/uncommitted/target')).toBe(true);
    });

    test('keeps no node back whose keepalived was not to run', () => {
      const host = held();
      host.unit('keepalived.service', 'enabled', 'inactive');
      writeFileSync(host.path('keepalived.conf'), old);
      fine(
        host.begin(
          'ours',
          [`path keepalived.service ${host.path('keepalived.conf')}`, 'unit keepalived.service'],
          '100',
        ),
      );
      host.daemon('keepalived', wanted);
      expect(host.run('', 'undo', 'ours').exitCode).toBe(0);
      expect(host.has('flags/standing-back')).toBe(false);
      expect(host.has('state/uncommitted')).toBe(false);
    });

    test('keeps a node that boots out of elections until it has heard who holds the VIP', () => {
      const host = changedHere();
      rmSync(host.runtime, { recursive: true });
      rmSync(join(host.folder, 'flags'), { recursive: true });
      host.unit('keepalived.service', 'enabled', 'inactive');
      host.write('systemd-run.log', '');
      expect(host.run('', 'boot').exitCode).toBe(0);
      expect(readFileSync(host.path('keepalived.conf'), 'utf8')).toBe(old);
      expect(host.read('flags/maintenance')).toBe('2\n');
      expect(host.read('systemd-run.log')).toMatch(/ watch ours$/m);
      // It comes up after us.
      meanwhile(
        host,
        '[ "$(grep -c . "$HOST/watch.log")" -lt 3 ] || { cp "$HOST/files/keepalived.conf" "$HOST/units/keepalived.service/runs"; echo active >"$HOST/units/keepalived.service/active"; }; cat "$HOST/flags/maintenance" >>"$HOST/seen"',
      );
      host.write('wire', 'same\n');
      expect(host.run('', 'watch', 'ours').exitCode).toBe(0);
      expect(host.read('seen')).toMatch(/^(2\n){3}/);
      expect(outcome(host)).toEqual(['aaaaaaaa', true]);
    });
  });

  describe('a node that was made to stand back', () => {
    const text = 'global_defs {\n  router_id node-101/ha-deploy:0123456789ab-aaaaaaaa\n}\n';

    const back = prepared(() => {
      const host = held();
      host.daemon('keepalived', text);
      fine(host.run('', 'stand_back', 'ours'));
      return host;
    });

    test('takes part again when it is told to', () => {
      const host = back();
      expect(host.read('flags/maintenance')).toBe('2\n');
      expect(host.run('', 'take_part', 'ours', 'meant').exitCode).toBe(0);
      expect(host.read('flags/maintenance')).toBe('0\n');
      expect(host.has('flags/standing-back')).toBe(false);
    });

    test('takes part again when the lease ends, though the run had changed nothing', () => {
      const host = back();
      host.expire();
      expect(host.run('', 'watch', 'ours').exitCode).toBe(0);
      expect(host.read('flags/maintenance')).toBe('0\n');
    });

    test('takes part on the terms that it is told alone', () => {
      const host = back();
      expect(host.run('', 'take_part', 'ours', 'bbbbbbbb')).toEqual({
        exitCode: 3,
        lines: ['keepalived runs aaaaaaaa but should run bbbbbbbb'],
      });
      expect(host.run('', 'take_part', '-', 'aaaaaaaa').exitCode).toBe(0);
    });

    test("is not another run's to call back", () => {
      const host = back();
      host.run('', 'take_part', 'other', 'meant');
      expect(host.read('flags/maintenance')).toBe('2\n');
    });

    test("is the next run's to call back when that has taken over", () => {
      const host = back();
      host.take('next', 'ours');
      expect(host.run('', 'take_part', 'next', 'meant').exitCode).toBe(0);
      expect(host.read('flags/maintenance')).toBe('0\n');
    });

    test('by an operator stays there', () => {
      const host = held();
      host.daemon('keepalived', text);
      host.write('flags/maintenance', '1\n');
      expect(host.run('', 'stand_back', 'ours').exitCode).toBe(0);
      host.run('', 'take_part', 'ours', 'meant');
      host.expire();
      host.run('', 'watch', 'ours');
      expect(host.read('flags/maintenance')).toBe('1\n');
    });

    test('stays out of elections when an operator has put it into maintenance since', () => {
      const host = back();
      host.write('flags/maintenance', '1\n');
      expect(host.run('', 'take_part', 'ours', 'meant').exitCode).toBe(0);
      expect(host.read('flags/maintenance')).toBe('1\n');
      expect(host.has('flags/standing-back')).toBe(false);
    });

    test('and goes on taking part is an error', () => {
      const host = held();
      host.daemon('keepalived', text);
      host.write('units/keepalived.service/mute', '');
      expect(host.run('', 'stand_back', 'ours')).toEqual({ exitCode: 1, lines: ['keepalived does not stand back'] });
    });
  });

  describe('what a daemon would not accept', () => {
    const good = 'global\n    description ha-deploy:0123456789ab\n';

    function haproxyWith(before: string, after: string): LedgerHost {
      const host = held();
      host.daemon('haproxy', before);
      const lines = [
        `path haproxy.service ${host.path('haproxy.cfg')}`,
        `path haproxy.service ${host.path('x.pem')}`,
        'unit haproxy.service',
      ];
      writeFileSync(host.path('x.pem'), 'kept\n');
      expect(host.begin('ours', lines).exitCode).toBe(0);
      host.daemon('haproxy', after);
      writeFileSync(host.path('x.pem'), 'changed\n');
      host.write('systemctl.log', '');
      return host;
    }

    test('is not put back: what runs goes on, all of it stays due, and it is said', () => {
      const host = haproxyWith(`${good}no good\n`, good);
      const { exitCode, lines } = host.run('', 'undo', 'ours');
      expect(exitCode).toBe(2);
      expect(lines).toEqual(['refused:haproxy.service', 'said=[ALERT] no good']);
      expect(readFileSync(host.path('haproxy.cfg'), 'utf8')).toBe(good);
      expect(readFileSync(host.path('x.pem'), 'utf8')).toBe('changed\n');
      expect(host.read('systemctl.log')).not.toMatch(/reload|restart|stop|start/);
      expect(host.read('run/due')).toBe('refused:haproxy.service\nsaid=[ALERT] no good\n');
      expect(host.has('state/uncommitted')).toBe(true);
    });

    test('and is there already is no reason to leave another as it is', () => {
      const host = haproxyWith(`${good}no good\n`, `${good}no good\n`);
      writeFileSync(host.path('x.pem'), 'kept\n');
      expect(host.run('', 'turn_back', 'ours').exitCode).toBe(0);
      expect(host.run('', 'undo', 'ours').exitCode).toBe(0);
    });

    test('is not what a daemon is taken to say that cannot be asked', () => {
      const host = haproxyWith(good, good.replace('ab\n', 'cd\n'));
      host.program('haproxy', 'exit 127');
      expect(host.run('', 'turn_back', 'ours')).toEqual({
        exitCode: 5,
        lines: ['role=none', 'terms=same', 'unknown:haproxy.service'],
      });
      expect(host.run('', 'undo', 'ours').exitCode).toBe(2);
      expect(host.has('state/uncommitted')).toBe(true);
    });

    test('is not told as put back', () => {
      const host = haproxyWith(`${good}no good\n`, good);
      host.run('', 'undo', 'ours');
      expect(host.has('state/reverted')).toBe(false);
    });

    test('is known before anything is done', () => {
      const host = haproxyWith(`${good}no good\n`, good);
      expect(host.run('', 'turn_back', 'ours').exitCode).toBe(4);
      expect(haproxyWith(good, good).run('', 'turn_back', 'ours').exitCode).toBe(0);
    });

    test('is tried with the files that come back with it', () => {
      const host = haproxyWith(`${good}  bind :1 ssl crt FILES/x.pem\n`, good);
      const kept = join(host.state, 'generations/0/files');
      writeFileSync(
        join(kept, '1'),
        readFileSync(join(kept, '1'), 'utf8').replace('FILES', join(host.folder, 'files')),
      );
      host.withPerl();
      expect(host.run('', 'turn_back', 'ours').exitCode).toBe(0);
      expect(host.read('checked')).toContain(`crt ${kept}/2\n`);
    });

    test('is put back as soon as it is accepted', () => {
      const host = haproxyWith(`${good}no good\n`, good.replace('ab\n', 'cd\n'));
      host.expire();
      host.program(
        'meanwhile',
        '[ "$(grep -c "sleep 3" "$HOST/watch.log")" -lt 2 ] || printf "exit 0" >"$HOST/bin/haproxy"',
      );
      host.run('', 'watch', 'ours');
      expect(host.read('units/haproxy.service/runs')).toContain('ha-deploy:0123456789ab\n');
      expect(host.has('state/uncommitted')).toBe(false);
    });

    test('a daemon that works is never started anew, whatever becomes of its reload', () => {
      const host = haproxyWith(good, good.replace('ab\n', 'cd\n'));
      host.write('units/haproxy.service/broken', '');
      expect(host.run('', 'undo', 'ours').exitCode).toBe(2);
      expect(host.read('systemctl.log')).toContain('reload haproxy.service\n');
      expect(host.read('systemctl.log')).not.toMatch(/restart|stop/);
      rmSync(join(host.folder, 'units/haproxy.service/broken'));
      expect(host.run('', 'undo', 'ours').exitCode).toBe(0);
      expect(host.read('units/haproxy.service/runs')).toBe(good);
    });

    test('a daemon that gives no answer is started anew, with what it accepts', () => {
      const host = haproxyWith(good, good.replace('ab\n', 'cd\n'));
      host.write('units/haproxy.service/mute', '');
      host.program('meanwhile', '! grep -q restart "$HOST/systemctl.log" || rm -f "$HOST/units/haproxy.service/mute"');
      expect(host.run('', 'undo', 'ours').exitCode).toBe(0);
      expect(host.read('systemctl.log')).toContain('restart haproxy.service\n');
    });
  });

  describe('whether there is room to go back', () => {
    /** `stat` tells what `room` says of every file system: block, free blocks, all files, free files. */
    function withRoom(room: string): LedgerHost {
      const host = begun();
      writeFileSync(host.path('file'), 'after\n');
      host.write('room', `${room}\n`);
      host.program('stat', 'case $1 in --file-system) exec cat "$HOST/room" ;; esac; exec /usr/bin/stat "$@"');
      return host;
    }

    function isUntouched(host: LedgerHost): void {
      expect(readFileSync(host.path('file'), 'utf8')).toBe('after\n');
      expect(host.list('files')).toEqual(['file']);
      expect(host.list('state/generations')).toEqual(['0']);
      expect(host.has('state/fits.new')).toBe(false);
    }

    test('is tried, and leaves nothing', () => {
      const host = withRoom('4096 1000 1000 1000');
      host.program('cp', 'echo "$*" >>"$HOST/copied"; exec /bin/cp "$@"');
      expect(host.run('', 'check', '0')).toEqual({ exitCode: 0, lines: [] });
      expect(host.read('copied')).toMatch(/files\/\.ha-deploy\.revert\.file\n.*generations\/0 .*\n$/);
      isUntouched(host);
    });

    test.each([
      ['no block', '4096 0 1000 1000', '-h'],
      ['no file', '4096 1000 1000 0', '-i'],
    ])('is told of the disk that takes %s more', (_, room, option) => {
      const host = withRoom(room);
      host.program('cp', 'case $* in *.ha-deploy.revert.*) exit 1 ;; esac; exec /bin/cp "$@"');
      expect(host.run('', 'check', '0')).toEqual({
        exitCode: 6,
        lines: [`full:${option} ${host.path('')}`.replace(/\/$/, '')],
      });
      isUntouched(host);
    });

    test.each([
      ['which has no room for the copy', 'exit 1'],
      ['which has room for the copy alone', 'exec /bin/cp "$@"'],
    ])('is told of the disk of the ledger, %s', (_, copy) => {
      const host = withRoom('4096 15 1000 1000');
      host.program('cp', `case $* in *fits.new) ${copy} ;; esac; exec /bin/cp "$@"`);
      expect(host.run('', 'check', '0')).toEqual({ exitCode: 6, lines: [`full:-h ${host.state}`] });
      isUntouched(host);
    });

    test('is no matter of a disk that lets nothing be copied for another reason', () => {
      const host = withRoom('4096 1000 0 0');
      host.program('cp', 'case $* in *.ha-deploy.revert.*) exit 1 ;; esac; exec /bin/cp "$@"');
      expect(host.run('', 'check', '0').exitCode).toBe(7);
      isUntouched(host);
    });

    test('is not asked by a run that has to go back whatever there is', () => {
      expect(withRoom('4096 0 1000 0').run('', 'turn_back', 'ours').exitCode).toBe(0);
    });
  });

  describe('confirming', () => {
    const recorded = prepared(() => {
      const host = begun();
      writeFileSync(host.path('file'), 'after\n');
      host.record('ours', 1, [`path - ${host.path('file')}`]);
      host.run('', 'prepare', 'ours', '1');
      return host;
    });

    test('may be asked for again', () => {
      const host = recorded();
      expect(host.run('', 'confirm', 'ours', '1').exitCode).toBe(0);
      expect(host.run('', 'confirm', 'ours', '1').exitCode).toBe(0);
      expect(host.run('', 'finished', 'ours').exitCode).toBe(0);
      expect(readlinkSync(join(host.state, 'current'))).toBe('generations/1');
    });

    test('can be taken back until the run is finished, as another node may fail to', () => {
      const host = recorded();
      host.run('', 'confirm', 'ours', '1');
      expect(host.run('', 'undo', 'ours').exitCode).toBe(0);
      expect(host.has('state/current')).toBe(false);
      expect(readFileSync(host.path('file'), 'utf8')).toBe('before\n');
    });

    test('is not asked for under a number that another run has made', () => {
      const host = held();
      host.begin('ours', []);
      expect(host.confirm('ours', 7).exitCode).toBe(0);
      host.take('next');
      host.begin('next', []);
      expect(host.record('next', 7)).toEqual({
        exitCode: 2,
        lines: ['generation 7 already exists: another run made it'],
      });
      expect(host.read('state/current/head')).toContain('run=ours\n');
    });

    test('needs something that was written down', () => {
      const host = begun();
      expect(host.run('', 'prepare', 'ours', '1').exitCode).toBe(2);
      expect(host.run('', 'confirm', 'ours', '1').exitCode).toBe(2);
      expect(host.run('', 'finished', 'ours').exitCode).toBe(2);
      expect(host.has('state/uncommitted')).toBe(true);
    });
  });

  describe('a generation that cannot be used', () => {
    const two = prepared(() => {
      const host = held();
      const path = host.path('file');
      for (const [index, token] of ['ours', 'other'].entries()) {
        host.take(token);
        host.begin(token, [`path - ${path}`]);
        writeFileSync(path, `${token}\n`);
        host.confirm(token, index + 1, [`path - ${path}`]);
      }
      host.take('next');
      host.begin('next', []);
      return host;
    });

    test.each<[string, (host: LedgerHost) => void]>([
      [
        'is of a newer format',
        (host) => host.write('state/generations/1/head', headOf('ours', 1).replace('format=1', 'format=2')),
      ],
      ['has no head', (host) => rmSync(join(host.state, 'generations/1/head'))],
      [
        'was cut off in a line',
        (host) => host.write('state/generations/1/manifest', `path - 1 ${host.path('file')}\nunit hap`),
      ],
      [
        'was cut off after a line',
        (host) => host.write('state/generations/1/manifest', `path - 1 ${host.path('file')}\n`),
      ],
      ['has a file that was cut off', (host) => host.write('state/generations/1/files/1', 'ou')],
      ['lacks a file', (host) => rmSync(join(host.state, 'generations/1/files/1'))],
      ['says something else', (host) => host.write('state/generations/1/manifest', 'rm -rf /\nend\n')],
    ])('%s: nothing is touched', (_, damage) => {
      const host = two();
      damage(host);
      expect(host.run('', 'check', '1').exitCode).toBe(3);
      expect(host.run('', 'go', '1').exitCode).toBe(5);
      expect(readFileSync(host.path('file'), 'utf8')).toBe('other\n');
    });

    test('is not one of a version that wrote no end', () => {
      const host = two();
      host.write('state/generations/1/head', 'format=1\nid=1\n');
      host.write('state/generations/1/manifest', `path - 1 ${host.path('file')}\n`);
      expect(host.run('', 'go', '1').exitCode).toBe(0);
      expect(readFileSync(host.path('file'), 'utf8')).toBe('ours\n');
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
      expect(host.read('state/current/head')).toBe(headOf('next', 2));
      expect(host.read('state/current/files/1')).toBe('first\n');
      expect(readFileSync(path, 'utf8')).toBe('by hand\n');
      host.take('third');
      expect(host.run('', 'go', '2').lines).toEqual([`did=file:${path}`]);
      expect(readFileSync(path, 'utf8')).toBe('first\n');
    });

    test('that copy what was there before the first can be gone back to', () => {
      const host = held();
      const path = host.path('file');
      writeFileSync(path, 'first\n');
      host.begin('ours', [`path - ${path}`]);
      fine(host.copy('ours', 1, 0));
      host.take('next');
      fine(host.begin('next', [`path - ${path}`]));
      writeFileSync(path, 'after\n');
      expect(host.run('', 'turn_back', 'next').exitCode).toBe(0);
      expect(host.run('', 'undo', 'next').exitCode).toBe(0);
      expect(readFileSync(path, 'utf8')).toBe('first\n');
    });

    test('are not confirmed that could not be gone back to', () => {
      const host = held();
      host.begin('ours', [`path - ${host.path('file')}`]);
      host.program('find', 'echo "half a line" >>"$1/manifest"');
      expect(host.copy('ours', 1, 0)).toEqual({
        exitCode: 2,
        lines: [`generation 1.new is damaged: see ${join(host.state, 'generations/1.new/manifest')}`],
      });
      expect(host.has('state/current')).toBe(false);
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
        'end',
        '',
      ]);
      expect(host.read('state/current/files/1')).toBe('text\n');
      expect(host.read('state/current/head')).toBe(headOf('ours', 1));
    });
  });

  test('is what the fact reads', () => {
    const host = held();
    const tenant = 'holder=anna@laptop\nmachine=0123\npid=1\nprocess=2\nsince=3\ncommand=up\n';
    host.run(tenant, 'take', 'ours', '-', '60', 'adopt');
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
