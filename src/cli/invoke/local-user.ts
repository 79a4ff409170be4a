import { homedir, userInfo } from 'node:os';

/** The name of whoever runs this; undefined where the user id has none, as in a container that runs as any. */
export function localName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

/** The same, or what comes closest. */
export function localUser(): string {
  return localName() ?? process.env['USER'] ?? 'root';
}

/** What ssh takes for `~`, for its keys as for its known hosts: the home that the system knows for the user id, whatever HOME says. */
export function loginHome(): string {
  try {
    return userInfo().homedir;
  } catch {
    return localHome();
  }
}

/** `HOME`, or what the system knows for the user id. */
export function localHome(): string {
  try {
    return homedir();
  } catch {
    return '/';
  }
}
