import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, type Plugin } from 'rolldown';
import { z } from 'zod';

const manifest = z.object({ name: z.string(), version: z.string(), license: z.string().optional() });

/**
 * A few files with all that a command loads, libraries included: reading hundreds of small ones takes a run longer than
 * talking to its nodes. Nothing is minified: what acts as root can be read in the installed package too.
 */
export default defineConfig({
  input: 'src/main.ts',
  platform: 'node',
  // ssh2 takes these where they were built; without them it uses node's own cryptography.
  external: [/\.node$/, 'cpu-features'],
  plugins: [licences()],
  logLevel: 'warn',
  // Node 20 loads CommonJS some 50 ms sooner than as many ES modules, which is a part of every run.
  output: {
    dir: 'dist',
    cleanDir: true,
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
    minify: false,
  },
});

/** Puts the licences of all that is bundled beside it, as they ask. */
function licences(): Plugin {
  return {
    name: 'licences',
    generateBundle(_options, bundle) {
      const files = Object.values(bundle).flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
      const packages = new Set(files.flatMap((file) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []));
      const source = [...packages].map(licenceOf).toSorted().join('\n');
      this.emitFile({ type: 'asset', fileName: 'LICENCES.txt', source });
    },
  };
}

function licenceOf(folder: string): string {
  const { name, version, license } = manifest.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? license : readFileSync(join(folder, file), 'utf8');
  if (text === undefined) throw new Error(`${name} says nothing about its licence`);
  return `== ${name} ${version}\n\n${text}\n`;
}
