import type { Content } from '../../cluster/secrets/content.js';
import { Redaction } from '../../cluster/secrets/redaction.js';
import { DeployError } from '../../errors/deploy-error.js';
import { type Fact, unreadable } from '../../facts/fact.js';
import { Shell, sh } from '../../remote/shell.js';
import type { Requirement } from '../resource.js';

/** Who accepts or rejects a file. */
export interface Checker {
  /** The program that does, which may not be installed yet. */
  readonly program: string;
  /** The command, for the candidate that stands at `"$candidate"`; it changes nothing. */
  readonly command: Shell;
}

/** A file that has a checker, and what the checker reads. */
export interface Triable {
  readonly path: string;
  readonly checker: Checker;
  /** What the file names, and this run may be about to write. */
  readonly beside?: readonly FileBeside[];
  /** An account that the file names, and this run may be about to make: root stands in for it. */
  readonly account?: string | undefined;
  /** The key of the configuration that a line of the file was taken from, where there is one. */
  readonly originOf?: (line: string) => string | undefined;
}

export interface FileBeside {
  readonly path: string;
  readonly content: Content;
}

const exit = { rejected: 65, untried: 75 } as const;

/**
 * That the checker of a file accepts what it is to be, tried in a folder of its own, before anything is changed. Where the checker is not
 * installed yet, nothing is known.
 */
export function trial(content: Content, { path, checker, beside = [], account = '', originOf }: Triable): Requirement {
  const files = [...beside.filter((file) => file.path !== path), { path, content }];
  const fact: Fact<string | undefined> = {
    id: `trial:${path}`,
    command: Shell.join([
      sh`path=${path}\nprogram=${checker.program}\n${open}`,
      ...files.map((file) => sh`put ${file.path} ${Shell.encoded(file.content)}\n`),
      sh`within ${account} ${files.map((file) => file.path)}\n`,
      sh`said=$( ( ${checker.command} ) 2>&1 )\n`,
      close,
    ]),
    parse: ({ exitCode, stdout }) => {
      if (exitCode === exit.rejected) return inPlace(stdout, path);
      if (exitCode !== 0 && exitCode !== exit.untried) throw unreadable(`the trial of ${path} ended with ${exitCode}`);
      return undefined;
    },
    // A checker may show the line that it does not like.
    confidential: true,
  };
  return {
    facts: [fact],
    check(host) {
      const said = host.get(fact);
      if (said === undefined) return;
      const line = lineOf(said, content, path);
      const origin = line && originOf?.(line.text);
      const where = line === undefined ? '' : ` at line ${line.number}, \`${line.text}\``;
      throw new DeployError('FILE_REFUSED', `${host.node} does not accept the new ${path}${where}`, {
        node: host.node,
        resource: `file:${path}`,
        output: new Redaction(files.flatMap((file) => file.content.secrets)).text(said),
        hint:
          origin === undefined
            ? 'Its own checker says so, see above: correct the configuration, then run again.'
            : `That line is of ${origin}: correct it there, then run again.`,
      });
    },
  };
}

/** Nobody but root enters, and scripts in it may be run, which /run may not allow. */
const open = Shell.literal(String.raw`
command -v "$program" >/dev/null || exit ${exit.untried}
umask 077
# One that a power cut has left holds secrets.
find /var/lib -maxdepth 1 -name '.ha-deploy-trial.*' -mmin +10 -exec rm -rf {} + 2>/dev/null
folder=$(mktemp -d /var/lib/.ha-deploy-trial.XXXXXXXX) || exit ${exit.untried}
trap 'rm -rf "$folder"' EXIT
# dash runs none of that where a signal ends it.
trap 'exit ${exit.untried}' HUP INT TERM PIPE
put() {
  mkdir -p "$folder$(dirname "$1")" && printf %s "$2" | base64 -d >"$folder$1" && chmod 0700 "$folder$1" || exit ${exit.untried}
}
# The candidate names the others as they stand here.
within() {
  perl -e '
    my ($folder, $path, $account, @others) = @ARGV;
    my $names = join "|", map { quotemeta } sort { length $b <=> length $a } grep { $_ ne $path } @others;
    my $is_missing = $account ne "" && !defined getpwnam $account;
    local ($^I, @ARGV) = ("", "$folder$path");
    while (<>) {
      s/($names)/$folder$1/g if $names ne "";
      s/\b\Q$account\E\b/root/g if $is_missing;
      print;
    }
  ' "$folder" "$path" "$@" || exit ${exit.untried}
}
candidate=$folder$path
`);

/** One that was killed, or could not be run, has rejected nothing. */
const close = Shell.literal(String.raw`code=$?
[ "$code" -ne 0 ] || exit 0
[ "$code" -lt 126 ] || exit ${exit.untried}
printf '%s\n%s\n' "$folder" "$said"
exit ${exit.rejected}
`);

/** What the checker said, with every file where it is to be. */
function inPlace(stdout: string, path: string): string {
  const [folder = '', ...said] = stdout.split('\n');
  // A checker may read a copy, with another ending.
  return said
    .join('\n')
    .replaceAll(folder, '')
    .replaceAll(new RegExp(`${literal(path)}\\.\\w{8}\\b`, 'g'), () => path);
}

interface Line {
  /** Counted from 1. */
  readonly number: number;
  readonly text: string;
}

/** The first line of the file that is named: `<path>:12` (HAProxy), `<path>: Line 12` (keepalived). */
function lineOf(said: string, content: Content, path: string): Line | undefined {
  const found = new RegExp(`${literal(path)}:(?: Line )?(\\d{1,9})\\b`).exec(said)?.[1];
  const text = content.redacted.split('\n')[Number(found ?? 0) - 1]?.trim();
  return text === undefined || text === '' ? undefined : { number: Number(found), text };
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
