/** The part of a package's version that its upstream gives: `2.6.12` of `2.6.12-1+deb12u3`, with or without epoch. */
export class Version {
  readonly text: string;
  readonly #numbers: readonly number[];
  /** `2.9~dev5` comes before `2.9` (deb-version(7)). */
  readonly #isPreview: boolean;

  private constructor(text: string, numbers: readonly number[], isPreview: boolean) {
    this.text = text;
    this.#numbers = numbers;
    this.#isPreview = isPreview;
  }

  /** Undefined where the text begins with no number of a version. */
  static parse(text: string): Version | undefined {
    const [, upstream, preview] = /^(?:\d+:)?(\d{1,9}(?:\.\d{1,9}){0,9})(~)?(?![\d.:])/.exec(text) ?? [];
    if (upstream === undefined) return undefined;
    return new Version(upstream, upstream.split('.').map(Number), preview !== undefined);
  }

  /** Less than 0 where this one is the older; `2.4` is `2.4.0`. */
  compare(other: Version): number {
    const length = Math.max(this.#numbers.length, other.#numbers.length);
    for (let at = 0; at < length; at += 1) {
      const difference = (this.#numbers[at] ?? 0) - (other.#numbers[at] ?? 0);
      if (difference !== 0) return difference;
    }
    return Number(other.#isPreview) - Number(this.#isPreview);
  }

  /** For templates: `versions.haproxy.atLeast('2.9')`. @throws RangeError for text that is no version */
  atLeast(text: string): boolean {
    return this.compare(versionOf(text)) >= 0;
  }
}

/** What a host runs, or will run once its packages are installed. */
export interface DaemonVersions {
  readonly haproxy: Version;
  readonly keepalived: Version;
  /** A package is not installed yet: its version is the one that the release came with. */
  readonly assumed: boolean;
}

export type DaemonName = 'haproxy' | 'keepalived';

/** Older daemons lack what every configuration of ours is made of: keepalived's `weight … reverse` came with 2.0.18. */
export const oldest = { haproxy: versionOf('2.0'), keepalived: versionOf('2.0.18') } as const;

/** What is named here is written, or spelt so, from this version on; docs/versions.md says where each is known from. */
const firstKnown = {
  haproxy: {
    'strict-limits': versionOf('2.2'),
    'clitcpka-idle': versionOf('2.4'),
  },
  keepalived: {
    track_file: versionOf('2.1.0'),
    vrrp_rlimit_rttime: versionOf('2.1.0'),
    unicast_fault_no_peer: versionOf('2.2.7'),
  },
} as const satisfies Record<DaemonName, Record<string, Version>>;

export type KnownDirective<Name extends DaemonName> = keyof (typeof firstKnown)[Name];

/** Answers a template that asks by name: `knows.haproxy('strict-limits')`. */
export type Knowledge = { readonly [Name in DaemonName]: (directive: KnownDirective<Name>) => boolean };

/** @returns functions that throw RangeError for a name that is not in the table: no template may take a slip for a no */
export function knowledgeOf(versions: Pick<DaemonVersions, DaemonName>): Knowledge {
  const ask =
    (daemon: DaemonName) =>
    (directive: string): boolean => {
      const since = new Map<string, Version>(Object.entries(firstKnown[daemon])).get(directive);
      if (since === undefined)
        throw new RangeError(`ha-deploy does not know since when ${daemon} has ${JSON.stringify(directive)}`);
      return versions[daemon].compare(since) >= 0;
    };
  return { haproxy: ask('haproxy'), keepalived: ask('keepalived') };
}

/** Every name of the table with its version, in its order. @internal tests go through them all */
export function directives(): readonly { daemon: DaemonName; directive: string; since: Version }[] {
  return (['haproxy', 'keepalived'] as const).flatMap((daemon) =>
    Object.entries(firstKnown[daemon]).map(([directive, since]) => ({ daemon, directive, since })),
  );
}

/** For text of ours and of templates. @throws RangeError for text that is no version */
export function versionOf(text: string): Version {
  const version = Version.parse(text);
  if (version === undefined) throw new RangeError(`${text} is no version`);
  return version;
}
