import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sysctl } from '../../../src/facts/host/sysctl.js';
import { runtimeDirectory } from '../../../src/resources/kinds/runtime-directory.js';
import { runtimeFlag } from '../../../src/resources/kinds/runtime-flag.js';
import { sysctlValue } from '../../../src/resources/kinds/sysctl-value.js';
import { systemAccount } from '../../../src/resources/kinds/system-account.js';
import { captured, hostWith, printed } from '../facts/support.js';
import { onlyChange, runStep, said, scratch, shells } from './support.js';

describe('a kernel setting', () => {
  const key = 'net.ipv4.ip_nonlocal_bind';
  const resource = sysctlValue(key, '1');

  test('that is right needs nothing', () => {
    expect(resource.plan(hostWith({ [`sysctl:${key}`]: '1\n' }))).toEqual([]);
  });

  test.each([
    [captured('sysctl/bookworm-off'), '0 → 1'],
    [printed('', 1), 'unset → 1'],
  ])('that is not is written', (answer, summary) => {
    expect(said(resource.plan(hostWith({ [`sysctl:${key}`]: answer })))).toEqual([`update sysctl:${key}: ${summary}`]);
  });

  test('is written where the kernel reads it', () => {
    const change = onlyChange(resource, hostWith({ [`sysctl:${key}`]: '0\n' }));
    expect(change.step.script.redacted).toBe(`printf '%s\\n' 1 > /proc/sys/net/ipv4/ip_nonlocal_bind`);
  });
});

describe('an account', () => {
  const resource = systemAccount('keepalived_script', '/etc/sysusers.d/ha-deploy.conf');

  test('that exists needs nothing', () => {
    expect(resource.plan(hostWith({ 'account:keepalived_script': captured('account/bookworm-known') }))).toEqual([]);
  });

  test('that does not is made', () => {
    const change = onlyChange(
      resource,
      hostWith({ 'account:keepalived_script': captured('account/bookworm-unknown', 2) }),
    );
    expect(said([change])).toEqual(['create account:keepalived_script: system account without shell or home']);
    expect(change.step.script.redacted).toBe('systemd-sysusers /etc/sysusers.d/ha-deploy.conf');
  });
});

describe('a runtime directory', () => {
  const path = '/run/ha-deploy';
  const resource = runtimeDirectory(path, '0755', '/etc/tmpfiles.d/ha-deploy.conf');

  function host(answer: string | ReturnType<typeof printed>) {
    return hostWith({ [`file:${path}`]: answer });
  }

  test('that is right needs nothing', () => {
    expect(resource.plan(host(captured('file/bookworm-directory')))).toEqual([]);
  });

  test.each([
    [captured('file/bookworm-absent', 1), `create directory:${path}: missing`],
    [printed('41c0 700 root:root 1\n'), `update directory:${path}: mode or owner, now 0700 root:root`],
    [printed('41ed 755 ops:ops 1\n'), `update directory:${path}: mode or owner, now 0755 ops:ops`],
  ])('that is not is made as it is at boot', (answer, expected) => {
    const change = onlyChange(resource, host(answer));
    expect(said([change])).toEqual([expected]);
    expect(change.step.script.redacted).toBe('systemd-tmpfiles --create /etc/tmpfiles.d/ha-deploy.conf');
  });

  test('with a file in its place does not count as there', () => {
    expect(resource.plan(host(captured('file/bookworm-flag')))).toHaveLength(1);
  });
});

describe('a runtime flag', () => {
  const setting = sysctl('some.setting');

  function flag(path: string) {
    return runtimeFlag({
      path,
      facts: [setting],
      wanted: (host) => (host.get(setting) === undefined ? undefined : '1'),
      why: 'it serves',
    });
  }

  const resource = flag('/run/flag');
  const serving = { 'sysctl:some.setting': 'on\n' };

  test.each(['1', '1\n', ' 1 \n'])('that is %j needs nothing', (content) => {
    expect(resource.plan(hostWith({ ...serving, 'file:/run/flag': `81a4 644 root:root 1\n${content}` }))).toEqual([]);
  });

  test.each([
    [printed('', 1), 'create flag:/run/flag: it serves'],
    [printed('81a4 644 root:root 1\n0\n'), 'update flag:/run/flag: it serves'],
    [printed('81a4 644 root:root 1\n'), 'update flag:/run/flag: it serves'],
    [captured('file/bookworm-link'), 'update flag:/run/flag: it serves'],
  ])('that is not is written', (answer, expected) => {
    expect(said(resource.plan(hostWith({ ...serving, 'file:/run/flag': answer })))).toEqual([expected]);
  });

  test('is left to others where nothing is wanted of it', () => {
    const host = hostWith({ 'sysctl:some.setting': printed('', 1), 'file:/run/flag': printed('', 1) });
    expect(resource.plan(host)).toEqual([]);
  });

  test.each(shells)('is written by %s', async (shell) => {
    const path = join(scratch(), "it's a flag");
    const change = onlyChange(flag(path), hostWith({ ...serving, [`file:${path}`]: printed('', 1) }));
    expect(await runStep(change, shell)).toEqual({ exitCode: 0, output: '' });
    expect(readFileSync(path, 'utf8')).toBe('1\n');
  });
});
