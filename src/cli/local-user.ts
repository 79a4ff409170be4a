import { userInfo } from 'node:os';

/** Whoever runs this; in a container the user id often has no name. */
export function localUser(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env['USER'] ?? 'root';
  }
}
