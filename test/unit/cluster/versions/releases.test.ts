import { describe, expect, test } from 'vitest';
import {
  defaultRelease,
  nameOf,
  releaseNamed,
  releaseOf,
  releases,
} from '../../../../src/cluster/versions/releases.js';
import { oldest } from '../../../../src/cluster/versions/versions.js';

describe('the release of a host', () => {
  test.each([
    ['debian', '12', 'debian:12'],
    ['ubuntu', '20.04', 'ubuntu:20.04'],
    ['ubuntu', '23.10', 'ubuntu:22.04'],
    ['ubuntu', '26.04', 'ubuntu:24.04'],
    ['debian', '14', 'debian:13'],
    ['debian', '', 'debian:13'],
    ['debian', 'forky/sid', 'debian:13'],
  ])('%s %s is taken for %s', (id, version, name) => {
    expect(releaseOf(id, version)).toBe(releaseNamed(name));
  });

  test.each([
    ['debian', '10'],
    ['ubuntu', '18.04'],
  ])('%s %s is too old', (id, version) => {
    expect(releaseOf(id, version)).toBe('too old');
  });

  test('another distribution has none', () => {
    expect(releaseOf('linuxmint', '22')).toBeUndefined();
    expect(releaseOf('', '')).toBeUndefined();
  });
});

test('no release has daemons that are too old for us, and later ones have later daemons', () => {
  for (const release of releases) {
    expect(release.haproxy.compare(oldest.haproxy)).toBeGreaterThanOrEqual(0);
    expect(release.keepalived.compare(oldest.keepalived)).toBeGreaterThanOrEqual(0);
    for (const later of releases.filter(({ id, version }) => id === release.id && version > release.version)) {
      expect(later.haproxy.compare(release.haproxy)).toBeGreaterThan(0);
      expect(later.keepalived.compare(release.keepalived)).toBeGreaterThan(0);
    }
  }
});

test('names go both ways', () => {
  for (const release of releases) expect(releaseNamed(nameOf(release))).toBe(release);
  expect(nameOf(defaultRelease)).toBe('ubuntu:22.04');
  expect(releaseNamed('debian:99')).toBeUndefined();
});
