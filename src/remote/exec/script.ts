import { asRoot, type Rights } from '../link/sudo.js';
import { perlScript } from '../perl.js';
import type { Query, StepScript } from '../runner.js';
import { lines, Shell, sh } from '../shell.js';
import { markerEdge } from './frames.js';

const literal = Shell.literal;

/** What is sent for one exec: a command line, and what follows on its standard input. */
export interface Sent {
  readonly command: string;
  readonly input?: Buffer;
  /** Whether the input must wait until root's shell has begun: what comes before it is a password's. */
  readonly waits?: boolean;
  /** What sudo prints when it wants a password. */
  readonly prompt?: string;
}

/** How a script is wrapped. */
export interface Wrapping {
  /** 128 random bits in hex; see `frames.ts`. */
  readonly nonce: string;
  readonly rights: Rights;
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
  // What a login as root may have set, and would change what our Perl does.
  'unset PERL5OPT PERL5LIB PERL_UNICODE',
  // What is in memory here holds secrets: no core dump of it.
  'ulimit -c 0; umask 022; cd /',
].join('\n');

/**
 * All probes as one command line, which sh, bash, csh, tcsh and fish read alike. sudo logs only `sh`.
 * The script is one function called on its last line, so that a part of it runs nothing: not even the half of a word, which
 * may be a program (`ex` of `export`). One that holds secrets comes on standard input: everybody may read a command line.
 */
export function observeScript(probes: readonly Query[], wrapping: Wrapping): Sent {
  const placed = probes.map((probe, index) => ({ ...probe, index }));
  const body = placed
    .filter(({ perl }) => perl === undefined)
    .map(
      ({ command, index }) =>
        sh`${literal(`hd_mark "start ${index}"`)}
(
${command}
) </dev/null 2>/dev/null
${literal(`hd_mark "end ${index} $?"`)}`,
    );
  const perls = placed.flatMap(({ perl, index }) => (perl === undefined ? [] : [{ ...perl, index }]));
  const script = sh`${literal(markFunction(wrapping.nonce))}
hd_mark begin
hd_main() {
${literal(environment)}
${perls.length === 0 ? lines(body) : perlScript(perls, lines(body), wrapping.nonce)}
hd_mark done
}
hd_main
`;
  const text = script.reveal();
  const command = inTerminal(`${printBase64(text)} | base64 -d | ${asRoot(wrapping.rights, '')}sh`, wrapping);
  // Standard input is where sudo reads a password from.
  const isOnInput = script.secrets.length > 0 || wrapping.rights.password !== undefined || command.length > maxCommand;
  return isOnInput ? onInput(text, wrapping) : { command };
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
  // A terminal that hangs up would end a step half-way, and what is written to it comes back with the output.
  const isTerminal = wrapping.rights.terminal === true;
  const script = sh`${literal(markFunction(wrapping.nonce))}
${literal(environment)}
${literal(isTerminal ? "trap '' HUP" : ':')}
hd_enter() {
if [ -e ${abort} ]; then rm -f ${abort}; hd_mark aborted; exit 0; fi
${literal(isTerminal ? '[ -t 4 ]' : "printf '\\n' >&4")} || exit 0
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

/** Asks a running performance to end before its next step. @param nonce the one that it was wrapped with */
export function abortScript(wrapping: Wrapping, nonce: string): Sent {
  const { runFolder } = wrapping;
  return onInput(
    `mkdir -p -m 755 ${runFolder} && : > ${abortFile({ runFolder, nonce })}\n${lastMark(wrapping)}`,
    wrapping,
  );
}

/** Removes what {@link abortScript} left where the performance ended before it looked. */
export function abortCleanup(wrapping: Wrapping, nonce: string): Sent {
  return onInput(`rm -f ${abortFile({ ...wrapping, nonce })}\n${lastMark(wrapping)}`, wrapping);
}

function abortFile({ runFolder, nonce }: Pick<Wrapping, 'runFolder' | 'nonce'>): string {
  return `${runFolder}/abort.${nonce.slice(0, 16)}`;
}

function onInput(text: string, wrapping: Wrapping): Sent {
  const { nonce, rights } = wrapping;
  // Command substitution takes newlines off the end; the script must not end in one, or the length would differ.
  const content = Buffer.from(text.trimEnd());
  const begin = `printf "${octalEdge}%s begin${octalEdge}" ${nonce}`;
  const read = `LC_ALL=C; export LC_ALL; hd=$(head -c ${content.length}); [ "\${#hd}" -eq ${content.length} ]`;
  const prompt = `hd-${nonce.slice(16)}`;
  // A password that sudo left unread must not become a part of the script.
  const isDiscarding = rights.password !== undefined;
  const discard = isDiscarding ? `while read -r hd && [ "$hd" != ${prompt} ]; do :; done; ` : '';
  const input = isDiscarding ? Buffer.concat([Buffer.from(`${prompt}\n`), content]) : content;
  // `script` must hold no quote, backslash-quote, newline, or `!` but before `=`: then every login shell passes it on as it is.
  const script = `${begin}; ${discard}${read} || exit ${scriptIncomplete}; eval "$hd"`;
  const command = inTerminal(`${asRoot(rights, prompt)}sh -c '${script}'`, wrapping);
  if (rights.user === 'root') return { command, input };
  if (rights.password !== undefined) return { command, input, waits: true, prompt };
  return rights.terminal === true ? { command, input, waits: true } : { command, input };
}

/** A terminal that passes on every byte as it is: by default it echoes, and takes lines of at most 4095 bytes. */
function inTerminal(command: string, { rights }: Wrapping): string {
  return rights.terminal === true ? `stty raw -echo; ${command}` : command;
}

function lastMark({ nonce }: Wrapping): string {
  return `printf '${octalEdge}%s done${octalEdge}' ${nonce}`;
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
