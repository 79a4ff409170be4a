import ejs from 'ejs';
import type { Template } from '../cluster/cluster.js';
import { Content } from '../cluster/secrets/content.js';
import { Secret } from '../cluster/secrets/secret.js';
import { DeployError } from '../errors/deploy-error.js';

/**
 * Renders an EJS template to content. Whatever `<%= %>` prints must exist: null and undefined are errors, nothing is
 * HTML-escaped, and a Secret becomes a secret part of the content. Templates are code; only the operator's own run here.
 * @throws DeployError TEMPLATE_FAILED with the template's path and what was wrong in it
 */
export function renderTemplate(template: Template, data: Record<string, unknown>): Content {
  try {
    return compiled(template)(data);
  } catch (thrown) {
    throw failure(template, thrown);
  }
}

type Rendering = (data: Record<string, unknown>) => Content;

/** Compiling takes longer than all else about a template, and every node is rendered from the same. */
const renderings = new Map<string, Rendering>();

function compiled(template: Template): Rendering {
  const key = `${template.path}\n${template.source}`;
  const rendering = renderings.get(key) ?? compile(template);
  renderings.set(key, rendering);
  return rendering;
}

function compile({ path, source }: Template): Rendering {
  let secrets: Secret[] = [];
  const print = (value: unknown): string => {
    if (value === null || value === undefined) throw new Error('a value to print is missing');
    if (value instanceof Secret) return `${mark}${secrets.push(value) - 1}${mark}`;
    if (typeof value === 'string' || typeof value === 'number') return String(value);
    throw new Error(`cannot print a value of type ${typeof value}`);
  };
  if (source.includes('<%-')) throw new Error('"<%-" is not allowed; write "<%="');
  const render = ejs.compile(source, {
    escape: print,
    filename: path,
    // No include: a template reads as one piece, and reaches no other file.
    includer: () => {
      throw new Error('"include" is not allowed');
    },
    rmWhitespace: false,
  });
  return (data) => {
    secrets = [];
    return toContent(render(data), secrets);
  };
}

/** The operator's own lines, as a block of a section; nothing when there are none. */
export function indented(extra: string | undefined): string {
  if (extra === undefined || extra.trim() === '') return '';
  return `${extra
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : `    ${line}`))
    .join('\n')}\n`;
}

/** Around the number of a secret in rendered text; no input holds NUL. */
const mark = '\0';

function toContent(text: string, secrets: readonly Secret[]): Content {
  return new Content(
    text
      .split(mark)
      .map((part, index) => (index % 2 === 0 ? part : (secrets[Number(part)] ?? part)))
      .filter((part) => part !== ''),
  );
}

function failure(template: Template, thrown: unknown): DeployError {
  if (thrown instanceof DeployError) return thrown;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new DeployError('TEMPLATE_FAILED', `the template ${template.path} does not render: ${reason}`, {
    hint: 'Correct the template; docs/templates.md lists what it is given.',
    cause: thrown,
  });
}
