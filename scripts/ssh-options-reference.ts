/**
 * Renders `docs/ssh-options.md` from `src/remote/openssh/options.ts`. `test/unit/remote/openssh/options.test.ts` fails when the
 * page is out of date; `npx vitest run --project unit -u` writes it.
 */

import type { SshOption } from '../src/remote/openssh/options.js';

export function sshOptionsReference(options: Readonly<Record<string, SshOption>>): string {
  const rows = Object.entries(options).map(
    ([name, option]) => `| \`${name}\`${since(option)} | ${overSsh2(option)} | ${overOpenssh(option)} |`,
  );
  return `${[introduction, ['| option | over `ssh2` | over `openssh` |', '|---|---|---|', ...rows].join('\n')].join('\n\n')}\n`;
}

const introduction = `<!-- Generated from src/remote/openssh/options.ts by scripts/ssh-options-reference.ts: change the options there. -->

# Options of OpenSSH, one by one

What becomes of every option of ssh_config(5), of OpenSSH 8.4 to 10.5, when ha-deploy connects. How the two transports differ, and where else
settings come from, is in [ssh.md](ssh.md).

"Always" is what \`ssh\` is told whatever its configuration says, and what the built-in library does. Aliases and options that OpenSSH itself ignores are left out.`;

function since({ since: release }: SshOption): string {
  return release === undefined ? '' : ` (${release})`;
}

function overSsh2({ kind, remark }: SshOption): string {
  switch (kind) {
    case 'read':
      return remark;
    case 'turns':
      return '`auto` takes `openssh`, `ssh2` refuses';
    case 'fixed':
    case 'openssh':
    case 'idle':
      return 'no';
  }
}

function overOpenssh({ kind, value, remark }: SshOption): string {
  switch (kind) {
    case 'fixed':
      return value === undefined ? `no: ${remark}` : `always \`${value}\`: ${remark}`;
    case 'idle':
      return `without effect: ${remark}`;
    default:
      return remark;
  }
}
