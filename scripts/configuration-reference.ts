/**
 * Renders `docs/configuration.md` from the JSON Schema, and so from the descriptions in `src/config/schema/`.
 * `test/unit/config/reference.test.ts` fails when the page is out of date; `npx vitest run --project unit -u` writes it.
 */

/** The part of JSON Schema that ours uses. */
export interface SchemaNode {
  readonly type?: string | undefined;
  readonly description?: string | undefined;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[] | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly pattern?: string | undefined;
  readonly maxProperties?: number | undefined;
  readonly properties?: Readonly<Record<string, SchemaNode>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly additionalProperties?: SchemaNode | boolean | undefined;
  readonly items?: SchemaNode | undefined;
  readonly anyOf?: readonly SchemaNode[] | undefined;
}

/** @param minimal the smallest useful configuration, shown first */
export function configurationReference(schema: SchemaNode, minimal: string): string {
  const intro = introduction.replace('{minimal}', () => minimal.trim());
  const tables = sectionsOf('', schema).map(({ path, node }) => sectionText(path, node));
  return `${[intro, ...new Set(tables)].join('\n\n')}\n`;
}

const introduction = `<!-- Generated from src/config/schema by scripts/configuration-reference.ts: change the descriptions there. -->

# Configuration: \`ha-deploy.yaml\`

The smallest useful file:

\`\`\`yaml
{minimal}
\`\`\`

Every key is below; one that is not is an error. \`examples/full.yaml\` shows all of them in use, and
\`ha-deploy schema\` prints the JSON Schema for an editor.

- **Short and long forms.** Where a text or a map is taken, the text is the map's \`address\`.
- **Durations** are a whole number and its unit: \`100ms\`, \`5s\`, \`30m\`, \`4h\`, \`1d\`.
- **Names** are letters, digits, \`-\`, \`_\` and \`.\`, and begin with a letter or digit; the cluster's name begins with a letter and has at most 40.
- **Paths** are absolute, relative to the file, or begin with \`~/\`.
- **Anchors.** \`*name\` repeats what \`&name\` marks, and \`<<: *name\` takes over the keys of a map; a key of its own counts before them. Top-level
  keys that begin with \`x-\` are yours, as a place for what is marked.
- **Secrets** are never written into the file. It refers to them, by exactly one of \`{ env: NAME }\` (an environment
  variable), \`{ file: path }\` (a file that holds nothing else) and \`{ command: "pass show lb" }\` (what a command
  prints). Only commands that need a secret read it, and its value is in no output, log or error.
- **Your own lines** (\`extra\`, \`extraGlobal\`, \`extraDefaults\`) and templates are code of yours, carried verbatim.
  Everything else is checked to be plain data.`;

interface Section {
  readonly path: string;
  readonly node: SchemaNode;
}

/** Every map of known keys in `node`, itself first. */
function sectionsOf(path: string, node: SchemaNode): Section[] {
  if (isSecret(node)) return [];
  const own = node.properties === undefined ? [] : [{ path, node }];
  const inProperties = Object.entries(node.properties ?? {}).flatMap(([key, child]) =>
    sectionsOf(path === '' ? key : `${path}.${key}`, child),
  );
  const entries =
    typeof node.additionalProperties === 'object' ? sectionsOf(`${path}.<name>`, node.additionalProperties) : [];
  const items = node.items === undefined ? [] : sectionsOf(path, node.items);
  return [
    ...own,
    ...inProperties,
    ...entries,
    ...items,
    ...(node.anyOf ?? []).flatMap((option) => sectionsOf(path, option)),
  ];
}

function sectionText(path: string, { properties = {}, required = [] }: SchemaNode): string {
  const rows = Object.entries(properties).map(([key, child]) =>
    [
      `\`${key}\`${required.includes(key) ? ' (required)' : ''}`,
      takes(child),
      defaultOf(child),
      child.description ?? '',
    ]
      .map((cell) => cell.replaceAll('|', '\\|'))
      .join(' | '),
  );
  const title = path === '' ? 'All of it' : `\`${path}\``;
  return [
    `## ${title}`,
    '',
    '| key | takes | default | meaning |',
    '|---|---|---|---|',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n');
}

/** A reference to a secret is the only map that holds exactly one of its keys; the introduction explains it. */
function isSecret(node: SchemaNode): boolean {
  return node.maxProperties === 1;
}

function takes(node: SchemaNode): string {
  if (isSecret(node)) return 'secret';
  if (node.anyOf !== undefined) return [...new Set(node.anyOf.map(takes))].join(' or ');
  if (node.const !== undefined) return code(node.const);
  if (node.enum !== undefined) return node.enum.map(code).join(' or ');
  if (node.items !== undefined) return `list of ${takes(node.items)}`;
  if (typeof node.additionalProperties === 'object') return `map of name to ${takes(node.additionalProperties)}`;
  if (node.type === 'integer') return `number, ${node.minimum ?? ''} to ${node.maximum ?? ''}`;
  if (node.type === 'boolean') return '`true` or `false`';
  if (node.type === 'object') return 'map';
  return node.pattern?.includes('ms|s|m|h|d') === true ? 'duration' : 'text';
}

function defaultOf(node: SchemaNode): string {
  return node.default === undefined || typeof node.default === 'object' ? '' : code(node.default);
}

function code(value: unknown): string {
  return `\`${String(value)}\``;
}
