import { inPerl } from '../../remote/perl.js';
import { type Fact, unreadable } from '../fact.js';
import { askHaproxy } from './haproxy.js';

/** A certificate that HAProxy shows to clients now, whatever its file has by now. */
export interface ShownCertificate {
  readonly service: string;
  /** DNS names that it is for; its subject where HAProxy tells of none: addresses it does not print. */
  readonly names: readonly string[];
  /** Its last second, in seconds since 1970. */
  readonly until: number;
}

const look = String.raw`${askHaproxy}
my @files = grep m{^/etc/haproxy/ha-deploy-[^/]+\.pem$}, split /\n/, ask_haproxy("show ssl cert") // die;
print ask_haproxy(join ";", map "show ssl cert $_", @files) // die if @files;
`;

/** Those of our services, in the order of their names; none where nothing answers, or HAProxy is older than 2.2. */
export const shownCertificates: Fact<readonly ShownCertificate[]> = {
  id: 'shown-certificates',
  ...inPerl(look),
  parse: ({ exitCode, stdout }) =>
    exitCode === 0
      ? stdout
          .split(/^(?=Filename: )/m)
          .flatMap(parseOne)
          .toSorted((one, other) => (one.service < other.service ? -1 : 1))
      : [],
};

/** What else HAProxy may say of a file, such as that it has none of that name by now, has no end. */
function parseOne(text: string): ShownCertificate[] {
  const value = (name: string): string | undefined => new RegExp(`^${name}: (.+)$`, 'm').exec(text)?.[1];
  const service = /^Filename: \/etc\/haproxy\/ha-deploy-(.+)\.pem$/m.exec(text)?.[1];
  const end = value('notAfter');
  if (service === undefined || end === undefined) return [];
  const until = Date.parse(end) / 1000;
  if (Number.isNaN(until)) throw unreadable('show ssl cert printed an end that is no time');
  const names = [...(value('Subject Alternative Name') ?? '').matchAll(/DNS:([^,]+)/g)].map(([, name = '']) => name);
  const subject = value('Subject') ?? '';
  return [{ service, until, names: names.length > 0 ? names : [/\/CN=([^/]+)/.exec(subject)?.[1] ?? subject] }];
}
