/** One host on the way. */
export interface Hop {
  readonly user?: string | undefined;
  readonly host: string;
  readonly port?: number | undefined;
}

/** Reads what `ssh -J` takes, the nearest host first; nothing for text that is none. */
export function parseJump(text: string): readonly Hop[] | undefined {
  const hops = text.split(',').map(parseHop);
  return hops.every((hop) => hop !== undefined) ? hops : undefined;
}

/**
 * `[user@]host[:port]` or `ssh://[user@]host[:port]`, an IPv6 address in brackets or, without a port, bare. As for ssh, all before the last
 * `@` is the user.
 */
function parseHop(text: string): Hop | undefined {
  const isUri = text.startsWith('ssh://');
  const place = isUri ? text.slice('ssh://'.length).replace(/\/$/, '') : text;
  const at = place.lastIndexOf('@');
  const user = at === -1 ? undefined : isUri ? decoded(place.slice(0, at)) : place.slice(0, at);
  const rest = place.slice(at + 1);
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(rest) ?? [];
  const host = bracketed ?? plain ?? (/^[\da-f:.]+(%[^:[\]]+)?$/i.test(rest) ? rest : undefined);
  const port = digits === undefined ? undefined : Number(digits);
  if (host === undefined || host.startsWith('-') || user === '' || user?.startsWith('-')) return undefined;
  return port === 0 || (port ?? 0) > 65_535 ? undefined : { user, host, port };
}

/** `user%40domain`; what is no such text becomes none that names anybody. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
