import { createHash } from 'node:crypto';

/** What the percent signs of paths in an OpenSSH configuration stand for; see TOKENS in ssh_config(5). */
export interface TokenValues {
  readonly alias: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** HostKeyAlias. */
  readonly keyAlias: string | undefined;
  readonly jump: string;
  readonly home: string;
  readonly localUser: string;
  readonly localHost: string;
  readonly uid: number;
}

/**
 * The path that OpenSSH would open: `~`, `%` tokens and `${VARIABLES}` replaced, as `ssh -G` leaves them.
 * @returns undefined where a token or a variable is unknown: OpenSSH fails for it
 */
export function expandTokens(
  path: string,
  values: TokenValues,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const pieces = path.split(/(%.|\$\{[^}]*\})/).map((piece, index) => {
    if (index % 2 === 0) return piece;
    return piece.startsWith('%') ? tokenValue(piece.slice(1), values) : env[piece.slice(2, -1)];
  });
  if (pieces.includes(undefined)) return undefined;
  const expanded = pieces.join('');
  return expanded === '~' || expanded.startsWith('~/') ? `${values.home}${expanded.slice(1)}` : expanded;
}

function tokenValue(token: string, values: TokenValues): string | undefined {
  const { alias, host, port, user, keyAlias, jump, home, localUser, localHost, uid } = values;
  switch (token) {
    case '%':
      return '%';
    case 'C':
      return createHash('sha1').update(`${localHost}${host}${port}${user}${jump}`).digest('hex');
    case 'd':
      return home;
    case 'h':
      return host;
    case 'i':
      return String(uid);
    case 'j':
      return jump;
    case 'k':
      return keyAlias ?? alias;
    case 'L':
      return localHost.split('.')[0];
    case 'l':
      return localHost;
    case 'n':
      return alias;
    case 'p':
      return String(port);
    case 'r':
      return user;
    case 'u':
      return localUser;
    default:
      return undefined;
  }
}
