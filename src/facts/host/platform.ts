import { sh } from '../../remote/shell.js';
import type { Fact } from '../fact.js';

export interface Platform {
  /** `ubuntu`, `debian` … (os-release(5), ID) */
  readonly id: string;
  /** `22.04`, `12` … or empty */
  readonly version: string;
  /** Those of `needed` that the host lacks. */
  readonly missing: readonly string[];
  readonly systemd: boolean;
}

/** All that a host must have; the rest of what we use is coreutils and sh. */
const needed = ['apt-get', 'dpkg-query', 'systemctl', 'ip', 'perl'];

export const platform: Fact<Platform> = {
  id: 'platform',
  command: sh`while IFS= read -r line; do case $line in ID=* | VERSION_ID=*) printf 'os %s\\n' "$line" ;; esac; done </etc/os-release
for c in ${needed}; do command -v "$c" >/dev/null || echo "missing $c"; done
[ -d /run/systemd/system ] && echo systemd`,
  parse: ({ stdout }) => {
    const rows = stdout.split('\n');
    return {
      id: osRelease(rows, 'ID'),
      version: osRelease(rows, 'VERSION_ID'),
      missing: rows.filter((row) => row.startsWith('missing ')).map((row) => row.slice('missing '.length)),
      systemd: rows.includes('systemd'),
    };
  },
};

function osRelease(rows: readonly string[], key: string): string {
  const prefix = `os ${key}=`;
  const row = rows.find((candidate) => candidate.startsWith(prefix)) ?? prefix;
  return /^["']?([\w.-]*)["']?$/.exec(row.slice(prefix.length))?.[1] ?? '';
}
