import { markerEdge } from './frames.js';
import type { Probe, StepScript } from './runner.js';
import { lines, Shell, sh } from './shell.js';

const literal = Shell.literal;

/** What is sent for one exec: a command line, and what follows on its standard input. */
export interface Sent {
  readonly command: string;
  readonly input?: Buffer;
}

/** How a script is wrapped. */
export interface Wrapping {
  /** 128 random bits in hex; see `frames.ts`. */
  readonly nonce: string;
  /** Who logs in: anyone but root goes through sudo. */
  readonly user: string;
  /** A folder of root's that lasts until the next boot, for the abort file. */
  readonly runFolder: string;
}

/** Exit code of the loader when the script did not arrive whole; nothing of it ran then. */
export const scriptIncomplete = 91;

/** A kernel takes no single argument of 128 KiB or more, and the login shell gets the command line as one. */
const maxCommand = 100 * 1024;

const environment = [
  'LC_ALL=C; export LC_ALL',
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH',
  'umask 022; cd /',
].join('\n');

/**
 * All probes as one command line without secrets, which sh, bash, csh, tcsh and fish read alike. sudo logs only `sh`.
 * The script is one function called on its last line, so that a part of it runs nothing: not even the half of a word, which
 * may be a program (`ex` of `export`).
 */
export function observeScript(probes: readonly Probe[], wrapping: Wrapping): Sent {
  const body = probes.map(
    (probe, index) =>
      sh`${literal(`hd_mark "start ${index}"`)}
(
${probe.command}
) </dev/null 2>/dev/null
${literal(`hd_mark "end ${index} $?"`)}`,
  );
  const script = sh`${literal(markFunction(wrapping.nonce))}
hd_mark begin
hd_main() {
${literal(environment)}
${lines(body)}
hd_mark done
}
hd_main
`;
  if (script.secrets.length > 0) throw new Error('a probe must not hold a secret: it travels in a command line');
  const text = script.reveal();
  const command = `${printBase64(text)} | base64 -d | ${asRoot(wrapping.user)}sh`;
  return command.length <= maxCommand ? { command } : onInput(text, wrapping);
}

/**
 * The steps behind a small loader. They may be megabytes and hold secrets, so they come on standard input, and are
 * evaluated only when every byte is there. No secret gets into an argument, the environment or a file.
 *
 * Each step writes to a relay which lives until its last writer is gone, also when nobody listens any more: a lost
 * connection does not kill a step half-way. Between two steps the script looks for an abort file, and whether
 * its standard error still leads anywhere: if not, it dies there of SIGPIPE (or stops, where that is ignored).
 */
export function performScript(steps: readonly StepScript[], wrapping: Wrapping): Sent {
  const body = steps.map(
    (step, index) =>
      sh`${literal(`hd_enter ${index}`)}
(
${step.script}
) </dev/null 2>&1 4>&-
${literal(`hd_leave ${index} $?`)}`,
  );
  const abort = abortFile(wrapping);
  const script = sh`${literal(markFunction(wrapping.nonce))}
${literal(environment)}
hd_enter() {
if [ -e ${abort} ]; then rm -f ${abort}; hd_mark aborted; exit 0; fi
printf '\\n' >&4 || exit 0
hd_mark "start $1"
}
hd_leave() { hd_mark "end $1 $2"; [ "$2" -eq 0 ] || hd_finish; }
hd_finish() { [ ! -e ${abort} ] || rm -f ${abort}; hd_mark done; exit 0; }
hd_main() {
{
${lines(body)}
hd_finish
} | { trap '' PIPE; cat 2>/dev/null || cat >/dev/null; }
}
hd_main 4>&2`;
  return onInput(script.reveal(), wrapping);
}

/** Asks a running performance to end before its next step. */
export function abortScript(wrapping: Wrapping): Sent {
  const { runFolder, user } = wrapping;
  return { command: rootCommand(`mkdir -p -m 755 ${runFolder} && : > ${abortFile(wrapping)}`, user) };
}

/** Removes what {@link abortScript} left where the performance ended before it looked. */
export function abortCleanup(wrapping: Wrapping): Sent {
  return { command: rootCommand(`rm -f ${abortFile(wrapping)}`, wrapping.user) };
}

function abortFile({ runFolder, nonce }: Wrapping): string {
  return `${runFolder}/abort.${nonce.slice(0, 16)}`;
}

function onInput(text: string, { nonce, user }: Wrapping): Sent {
  // Command substitution takes newlines off the end; the script must not end in one, or the length would differ.
  const input = Buffer.from(text.trimEnd());
  const begin = `printf "${octalEdge}%s begin${octalEdge}" ${nonce}`;
  const read = `LC_ALL=C; export LC_ALL; hd=$(head -c ${input.length}); [ "\${#hd}" -eq ${input.length} ]`;
  return { command: rootCommand(`${begin}; ${read} || exit ${scriptIncomplete}; eval "$hd"`, user), input };
}

/** `script` must hold no quote, backslash-quote, `!` or newline: then every login shell passes it on as it is. */
function rootCommand(script: string, user: string): string {
  return `${asRoot(user)}sh -c '${script}'`;
}

function asRoot(user: string): string {
  return user === 'root' ? '' : 'sudo -n ';
}

const octalEdge = `\\0${markerEdge.charCodeAt(0).toString(8)}`;

function markFunction(nonce: string): string {
  return `hd_mark() { printf '${octalEdge}%s %s${octalEdge}' ${nonce} "$1"; }`;
}

/** In words of at most 1000 characters: old csh takes no longer ones; printf puts them together again. */
function printBase64(text: string): string {
  return `printf %s ${(
    Buffer.from(text)
      .toString('base64')
      .match(/.{1,1000}/g) ?? []
  ).join(' ')}`;
}
