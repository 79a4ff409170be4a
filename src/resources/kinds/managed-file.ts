import type { Content } from '../../cluster/secrets/content.js';
import type { Fact } from '../../facts/fact.js';
import { type FileState, file } from '../../facts/host/file.js';
import type { Observation } from '../../facts/observation.js';
import { Shell, sh } from '../../remote/shell.js';
import type { Change, Resource, Step } from '../resource.js';
import { redactAfter, redactBefore } from './redaction.js';
import { replaced } from './replaced.js';
import { type Checker, type Triable, trial } from './trial.js';

export interface ManagedFile {
  readonly path: string;
  /** The wanted content; a function where it depends on what was observed. */
  readonly content: Content | ((host: Observation) => Content);
  /** Four octal digits. */
  readonly mode: string;
  /** `user:group`. */
  readonly owner: string;
  /** The facts that `content` asks for. */
  readonly facts?: readonly Fact<unknown>[];
  readonly checker?: Checker;
  /** Run before the checker where the file is written; a trial has `beside` for it. */
  readonly beforeCheck?: Shell;
  /** For a trial before anything is changed. */
  readonly trial?: Pick<Triable, 'beside' | 'account' | 'originOf'>;
  /** What the new content is, in a few words, for a file that is shown to nobody. */
  readonly about?: (content: Content) => string | undefined;
  /** What makes the host take notice, once the file is in place. */
  readonly afterwards?: Shell;
  /** Lines whose end is secret even in a file that we did not write; the first group is what may be shown. */
  readonly secretLines?: readonly RegExp[];
}

const exit = { writeFailed: 74, rejected: 65 } as const;

/** A file as a resource, which a service may read. */
export interface FileResource extends Resource {
  readonly path: string;
  readonly state: Fact<FileState>;
}

/** A file with this content, mode and owner. It is replaced in one rename, after its check, or not at all. */
export function managedFile(wanted: ManagedFile): FileResource {
  const state = file(wanted.path);
  const id = `file:${wanted.path}`;
  return {
    id,
    path: wanted.path,
    state,
    facts: [state, ...(wanted.facts ?? [])],
    footprint: () => ({ paths: [{ path: wanted.path }] }),
    plan(host) {
      const content = typeof wanted.content === 'function' ? wanted.content(host) : wanted.content;
      const observed = host.get(state);
      const reasons = differences(observed, content, wanted);
      if (reasons.length === 0) return [];
      const change: Change = {
        resource: id,
        action: observed.type === 'absent' ? 'create' : 'update',
        summary: [...reasons, wanted.about?.(content) ?? ''].filter(Boolean).join(', '),
        text: texts(observed, content, wanted),
        bytes: Buffer.byteLength(content.reveal()),
        replaces: replaced(observed),
        ...(wanted.checker && {
          requirement: trial(content, { ...wanted.trial, path: wanted.path, checker: wanted.checker }),
        }),
        interrupts: false,
        step: writeStep(content, wanted),
      };
      return [change];
    },
  };
}

function differences(observed: FileState, content: Content, wanted: ManagedFile): string[] {
  if (observed.type === 'absent') return ['missing'];
  if (observed.type !== 'file') return ['not a regular file'];
  return [
    observed.content === content.reveal() ? '' : 'content differs',
    observed.mode === wanted.mode ? '' : `mode ${observed.mode} → ${wanted.mode}`,
    observed.owner === wanted.owner ? '' : `owner ${observed.owner} → ${wanted.owner}`,
  ].filter(Boolean);
}

function texts(observed: FileState, content: Content, wanted: ManagedFile): Change['text'] {
  const before = observed.type === 'file' ? observed.content : '';
  if (before === content.reveal()) return undefined;
  return { before: redactBefore(before, content, wanted.secretLines ?? []), after: redactAfter(before, content) };
}

/** Writes a file whole, after its check, or not at all. */
export function writeStep(
  content: Content,
  wanted: Pick<ManagedFile, 'path' | 'mode' | 'owner' | 'checker' | 'beforeCheck' | 'afterwards'>,
): Step {
  const { path, mode, owner, checker, beforeCheck = nothing, afterwards } = wanted;
  return {
    script: Shell.join([
      sh`path=${path}\nmode=${mode}\nowner=${owner}\ncontent() { printf %s ${Shell.encoded(content)} | base64 -d; }\n`,
      prepare,
      ...(checker === undefined
        ? []
        : [
            sh`( ${beforeCheck}${checker.command} ) || { echo "rejected; $path is as it was"; exit ${exit.rejected}; }\n`,
          ]),
      install,
      ...(afterwards === undefined ? [] : [afterwards]),
    ]),
    failures: {
      [exit.writeFailed]: {
        code: 'WRITE_FAILED',
        message: `cannot write ${path}; the old file is untouched`,
        hint: 'See the output above: often a full or read-only file system.',
      },
      [exit.rejected]: {
        code: 'CHECK_REJECTED',
        message: `the new ${path} was rejected by its own checker; the old one stays in place and in service`,
        hint: 'Correct the configuration (often an `extra` line or a template), then run again.',
      },
    },
  };
}

const nothing = Shell.literal('');

const prepare = Shell.literal(String.raw`
umask 077
mkdir -p -m 0755 "$(dirname "$path")" || exit ${exit.writeFailed}
candidate=$(mktemp "$(dirname "$path")/.ha-deploy.XXXXXXXX") || exit ${exit.writeFailed}
trap 'rm -f "$candidate"' EXIT
content > "$candidate" && chown "$owner" "$candidate" && chmod "$mode" "$candidate" || exit ${exit.writeFailed}
`);

const install = Shell.literal(String.raw`
sync "$candidate" && mv -fT "$candidate" "$path" && sync "$(dirname "$path")" || exit ${exit.writeFailed}
`);
