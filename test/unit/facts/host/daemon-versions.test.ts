import { describe, expect, test } from 'vitest';
import { daemonVersions } from '../../../../src/facts/host/daemon-versions.js';
import { captured, hostWith, printed } from '../support.js';

const bookworm = captured('platform/bookworm-bare');

function versions(packages: string | ReturnType<typeof captured>, platform: typeof bookworm | string = bookworm) {
  const { haproxy, keepalived, assumed } = daemonVersions(hostWith({ packages, platform }));
  return { haproxy: haproxy.text, keepalived: keepalived.text, assumed };
}

describe('where both are installed', () => {
  test.each([
    ['bullseye', '2.2.9', '2.1.5'],
    ['bookworm', '2.6.12', '2.2.7'],
    ['trixie', '3.0.11', '2.3.3'],
  ])('their own versions count: %s', (release, haproxy, keepalived) => {
    const found = captured(`packages/${release}-installed`);
    expect(versions(found, 'os ID=linuxmint\nsystemd\n')).toEqual({ haproxy, keepalived, assumed: false });
  });

  test('an interrupted installation has left the version that it will finish with', () => {
    expect(versions(captured('packages/trixie-unpacked'))).toEqual({
      haproxy: '3.0.11',
      keepalived: '2.3.3',
      assumed: false,
    });
  });

  test('and too old, the host is refused', () => {
    const packages = 'haproxy\t1.8.19-1+deb10u5\tinstalled\nkeepalived\t1:2.2.7-1+b2\tinstalled\n';
    expect(() => versions(packages)).toThrow(
      expect.objectContaining({
        code: 'UNSUPPORTED_HOST',
        message: 'lb-1 has haproxy 1.8.19, and ha-deploy needs 2.0 or later',
        details: expect.objectContaining({ node: 'lb-1' }) as unknown,
      }),
    );
  });

  test('and a version is none, the fact cannot be read', () => {
    const packages = 'haproxy\tnext\tinstalled\n';
    expect(() => versions(packages)).toThrow(expect.objectContaining({ code: 'FACT_UNREADABLE' }));
  });
});

describe('where one is missing', () => {
  test('the release says which will come', () => {
    expect(versions(captured('packages/bookworm-bare', 1))).toEqual({
      haproxy: '2.6.12',
      keepalived: '2.2.7',
      assumed: true,
    });
  });

  test('the other is what it is', () => {
    const packages = 'haproxy\t2.9.7-1~bpo12+1\tinstalled\n';
    expect(versions(packages)).toEqual({ haproxy: '2.9.7', keepalived: '2.2.7', assumed: true });
  });

  test('what is left of a removed package does not count', () => {
    expect(versions(captured('packages/trixie-removed'))).toEqual({
      haproxy: '3.0.11',
      keepalived: '2.2.7',
      assumed: true,
    });
  });

  test('on another distribution, what every version of ours knows is all that is taken for granted', () => {
    expect(versions(printed('', 1), 'os ID=linuxmint\nos VERSION_ID="22"\nsystemd\n')).toEqual({
      haproxy: '2.0',
      keepalived: '2.0.18',
      assumed: true,
    });
  });

  test('on a release that is too old, the host is refused', () => {
    expect(() => versions(printed('', 1), 'os ID=debian\nos VERSION_ID="10"\nsystemd\n')).toThrow(
      expect.objectContaining({
        code: 'UNSUPPORTED_HOST',
        message: 'lb-1 runs debian 10, which is too old for ha-deploy',
      }),
    );
  });
});
