import { Content } from '../../cluster/secrets/content.js';
import { Secret } from '../../cluster/secrets/secret.js';
import type { FileState } from '../../facts/host/file.js';

/** What stands at a path, as far as a plan goes by it: when it was touched does not count, and its text may be secret. */
export function replaced(state: FileState): Content {
  switch (state.type) {
    case 'file':
      return new Content([`file ${state.mode} ${state.owner}\n`, new Secret('text on the host', () => state.content)]);
    case 'directory':
      return Content.of(`directory ${state.mode} ${state.owner}`);
    case 'absent':
    case 'other':
      return Content.of(state.type);
  }
}
