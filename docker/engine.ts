import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/**
 * Makes sure that a Docker engine answers and that the image of the hosts exists; both may take minutes the first time.
 * @param base as for `docker/image.sh`; its default where it is missing
 * @returns the name of the image
 */
export async function prepareImage(base?: string): Promise<string> {
  await run('engine.sh', []);
  const output = await run('image.sh', base === undefined ? [] : ['--base', base]);
  return output.trimEnd().split('\n').at(-1) ?? '';
}

/** Runs a script beside this file in the terminal of the user, whom it may ask, and returns its standard output. */
async function run(script: string, parameters: readonly string[]): Promise<string> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn('sh', [path, ...parameters], { stdio: ['inherit', 'pipe', 'inherit'] });
  const exit = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  const [exitCode, output] = await Promise.all([exit, text(child.stdout)]);
  if (exitCode !== 0) throw new Error(`docker/${script} failed; what it printed says why.`);
  return output;
}
