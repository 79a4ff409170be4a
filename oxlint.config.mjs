import { defineConfig } from 'oxlint';

/** @typedef {NonNullable<import('oxlint').OxlintOverride['rules']>} Rules */

/** All that the rest of the program knows of the other side: `remote`, without SSH. */
const remoteInterface = ['remote/perl.js', 'remote/runner.js', 'remote/shell.js'];

/**
 * The rooms of `src/` and what each may import: whole rooms, or single files of one.
 * `ARCHITECTURE.md` gives the reasons; `test/unit/architecture.test.ts` sees that no room is missing.
 * @type {Record<string, string[]>}
 */
export const layers = {
  errors: [],
  cluster: ['errors'],
  render: ['errors', 'cluster'],
  lint: ['errors', 'cluster'],
  config: ['errors', 'cluster', 'lint/ids.js'],
  remote: ['errors', 'cluster'],
  facts: ['errors', 'cluster', ...remoteInterface],
  resources: ['errors', 'cluster', 'facts', 'render', ...remoteInterface],
  checks: ['errors', 'cluster', 'facts', ...remoteInterface],
  engine: ['errors', 'cluster', 'facts', 'resources', 'checks', 'lint/judgement.js', ...remoteInterface],
  drill: [
    'errors',
    'cluster',
    'facts',
    'resources/resource.js',
    'resources/ledger-steps.js',
    'checks',
    'engine',
    ...remoteInterface,
  ],
  report: ['errors', 'cluster', 'engine/run/events.js', 'drill/probe/record.js'],
  cli: [
    'errors',
    'cluster',
    'lint',
    'config',
    'render',
    'remote',
    'facts',
    'resources',
    'checks',
    'engine',
    'drill',
    'report',
    '../playbooks',
  ],
};

/** What a playbook may import, of `src/`. */
const playbookImports = ['errors', 'cluster', 'facts', 'render', 'resources', 'remote/shell.js'];

/** What `src/main.ts` may import. */
const mainImports = ['errors', 'cli'];

/**
 * Every package has one owner, so that it can be replaced in one place; what only draws text is shared.
 * @type {Record<string, string[]>}
 */
export const owners = {
  commander: ['cli'],
  diff: ['engine'],
  ejs: ['render'],
  listr2: ['report'],
  picocolors: ['cli', 'report'],
  ssh2: ['remote'],
  yaml: ['config'],
  zod: ['config'],
};

/** Rooms that decide and do not act: no files, processes, clocks or dice. */
const pure = ['errors', 'cluster', 'lint', 'facts', 'resources', '../playbooks'];

const actingModules = ['fs', 'fs/*', 'child_process', 'http', 'https', 'http2', 'tls', 'dgram', 'dns', 'dns/*'];

/**
 * @param {string[]} rooms
 * @param {string} root from the importing file to `src/`
 */
function allowed(rooms, root) {
  return rooms.map((room) => `!${root}${room}${room.endsWith('.js') ? '' : '/**'}`);
}

/**
 * Forbids every import that is not listed; the last pattern that matches decides.
 * @param {string} room
 * @param {string[]} patterns
 * @returns {Rules}
 */
function importRule(room, patterns) {
  const packages = Object.keys(owners).filter((name) => owners[name]?.includes(room));
  return {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            group: [
              '**',
              '!node:*',
              '!node:*/*',
              // `process` is a global, and its `exit` is forbidden below.
              'node:process',
              ...(pure.includes(room) ? actingModules.map((name) => `node:${name}`) : []),
              ...packages.flatMap((name) => [`!${name}`, `!${name}/**`]),
              '!./**',
              ...patterns,
              // No detour around the rules above.
              './../**',
              '**/[!.]*/../**',
            ],
            message: `"${room}" may not import this: see the table of layers in oxlint.config.mjs.`,
          },
        ],
      },
    ],
  };
}

/**
 * @param {string} room
 * @returns {Rules}
 */
function restrictedProperties(room) {
  const exit = { object: 'process', property: 'exit', message: 'Throw a DeployError; only main.ts ends the process.' };
  const passedIn = 'Time and randomness are passed in, so that tests own them.';
  return {
    'no-restricted-properties': [
      'error',
      exit,
      ...(pure.includes(room)
        ? [
            { object: 'Date', property: 'now', message: passedIn },
            { object: 'Math', property: 'random', message: passedIn },
          ]
        : []),
    ],
  };
}

const layerOverrides = Object.entries(layers).flatMap(([room, imports]) => [
  {
    files: [`src/${room}/*.ts`],
    rules: { ...importRule(room, allowed(imports, '../')), ...restrictedProperties(room) },
  },
  {
    files: [`src/${room}/*/*.ts`],
    rules: {
      ...importRule(room, ['!../**', '../../**', ...allowed(imports, '../../')]),
      ...restrictedProperties(room),
    },
  },
]);

export default defineConfig({
  plugins: ['eslint', 'typescript', 'unicorn', 'oxc', 'import', 'node', 'promise', 'vitest'],
  options: { typeAware: true, denyWarnings: true, reportUnusedDisableDirectives: 'error' },
  categories: { correctness: 'error', suspicious: 'error' },
  ignorePatterns: ['dist', '.lab', '**/fixtures', '**/golden'],
  rules: {
    'import/no-cycle': ['error', { ignoreTypes: false }],
    'import/no-default-export': 'error',
    'import/no-named-as-default-member': 'off',

    'typescript/consistent-type-imports': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': ['error', { ignoreVoid: false }],
    'typescript/no-misused-promises': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/no-unnecessary-condition': 'error',
    // Characters one by one are the code points.
    'typescript/no-misused-spread': ['error', { allow: [{ from: 'lib', name: 'string' }, 'string'] }],
    'typescript/no-unsafe-argument': 'error',
    'typescript/no-unsafe-assignment': 'error',
    'typescript/no-unsafe-call': 'error',
    'typescript/no-unsafe-enum-comparison': 'error',
    'typescript/no-unsafe-function-type': 'error',
    'typescript/no-unsafe-member-access': 'error',
    'typescript/no-unsafe-return': 'error',
    'typescript/no-unsafe-type-assertion': 'error',
    'typescript/only-throw-error': 'error',
    'typescript/prefer-promise-reject-errors': 'error',
    'typescript/unbound-method': ['error', { ignoreStatic: true }],
    'typescript/require-array-sort-compare': ['error', { ignoreStringArrays: true }],
    'typescript/restrict-plus-operands': 'error',
    'typescript/restrict-template-expressions': ['error', { allowNumber: true }],
    'typescript/return-await': ['error', 'error-handling-correctness-only'],
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    'typescript/use-unknown-in-catch-callback-variable': 'error',

    // tsc's noImplicitReturns does this, and knows when a switch is exhaustive.
    'typescript/consistent-return': 'off',
    // `'vip' | string` says what a caller may write.
    'typescript/no-redundant-type-constituents': 'off',
    // What a terminal or a shell must not see is matched by its control characters.
    'no-control-regex': 'off',
    // Wrong about conditions that hold for the whole loop by intent, and about functions beside their only use.
    'no-unmodified-loop-condition': 'off',
    'unicorn/consistent-function-scoping': 'off',
    'no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],

    // The second argument says which example of a property failed.
    'vitest/valid-expect': ['error', { maxArgs: 2 }],
    'vitest/no-conditional-expect': 'off',
    'vitest/expect-expect': ['error', { assertFunctionNames: ['expect', 'expect*', 'fc.assert'] }],

    eqeqeq: 'error',
    'max-lines': ['error', 300],
    'no-console': 'error',
    'no-param-reassign': 'error',
    'no-var': 'error',
    'prefer-const': 'error',
    'unicorn/prefer-node-protocol': 'error',
    ...restrictedProperties('src'),
  },
  overrides: [
    ...layerOverrides,
    {
      files: ['src/main.ts'],
      rules: { ...importRule('main', ['./**', ...allowed(mainImports, './')]), 'no-restricted-properties': 'off' },
    },
    {
      files: ['playbooks/*.ts'],
      rules: {
        ...importRule('../playbooks', allowed(playbookImports, '../src/')),
        ...restrictedProperties('../playbooks'),
      },
    },
    {
      files: [
        'src/main.ts',
        'src/cli/**',
        'src/report/**',
        'docker/**',
        'scripts/**',
        'test/*.ts',
        'test/bench/**',
        'test/torture/**',
      ],
      rules: { 'no-console': 'off' },
    },
    {
      files: ['docker/**', 'scripts/**', 'test/bench/**', 'test/torture/**'],
      rules: { 'no-restricted-properties': 'off' },
    },
    {
      files: ['test/**'],
      rules: {
        'max-lines': 'off',
        'typescript/no-misused-spread': 'off',
        // Matchers such as `expect.any(String)` are `any`.
        'typescript/no-unsafe-assignment': 'off',
        'typescript/no-unsafe-type-assertion': 'off',
      },
    },
    {
      // Their assertions are in functions named for what they assert, also in hooks.
      files: ['test/e2e/**'],
      rules: { 'vitest/expect-expect': 'off', 'vitest/no-standalone-expect': 'off' },
    },
    {
      files: ['*.config.ts', '*.config.mjs'],
      rules: { 'import/no-default-export': 'off' },
    },
  ],
});
