import { sh } from '../../remote/shell.js';
import { type Fact, unreadable } from '../fact.js';

export interface PackageState {
  readonly version: string;
  /** dpkg's own word: `installed`, `half-configured`, `config-files`, `not-installed` … (dpkg-query(1), Status-Status) */
  readonly status: string;
}

/** What dpkg knows of the named packages; one that it never heard of is absent from the map. */
export function packages(names: readonly string[]): Fact<ReadonlyMap<string, PackageState>> {
  const format = '${Package}\\t${Version}\\t${db:Status-Status}\\n';
  return {
    id: 'packages',
    command: sh`dpkg-query -W -f=${format} -- ${names}`,
    // Exit code 1: some package is unknown; the known ones are printed all the same.
    parse: ({ stdout }) => new Map(stdout.split('\n').filter(Boolean).map(parseLine)),
  };
}

function parseLine(line: string): [string, PackageState] {
  const [name, version, status, ...rest] = line.split('\t');
  if (name === undefined || version === undefined || status === undefined || rest.length > 0) {
    throw unreadable(`dpkg-query printed the line ${JSON.stringify(line)}`);
  }
  return [name, { version, status }];
}
