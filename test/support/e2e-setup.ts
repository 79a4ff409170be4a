import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { prepareImage } from '../../docker/engine.js';
import { findLab, startLab, stopLab } from '../../docker/lab.js';
import { testLabOptions as lab } from './lab.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A folder that is removed after the tests. */
    workshop: string;
    /** The program under test. */
    product: string;
  }
}

const execute = promisify(execFile);
const repository = fileURLToPath(new URL('../..', import.meta.url));

/**
 * While somebody works on the tests: HA_DEPLOY_E2E_KEEP keeps the hosts from run to run, and HA_DEPLOY_E2E_PRODUCT names a
 * program that is built already.
 */
const keep = process.env['HA_DEPLOY_E2E_KEEP'] !== undefined;
const givenProduct = process.env['HA_DEPLOY_E2E_PRODUCT'];

let workshop: string | undefined;

/** Once for all e2e tests: the product as npm would install it, and three bare hosts. */
export async function setup({ provide }: TestProject): Promise<void> {
  workshop = await mkdtemp(join(tmpdir(), 'ha-deploy-e2e-'));
  const [product] = await Promise.all([givenProduct ?? install(join(workshop, 'product')), bringUpLab()]);
  provide('workshop', workshop);
  provide('product', product);
}

export async function teardown(): Promise<void> {
  if (workshop !== undefined) await rm(workshop, { recursive: true, force: true });
  if (!keep) await stopLab(lab.name);
}

/** Builds and packs the package, and installs it into an empty folder, as its users do. */
async function install(folder: string): Promise<string> {
  await mkdir(folder);
  await npm(repository, 'run', '--silent', 'build');
  await npm(repository, 'pack', '--silent', '--pack-destination', folder);
  const [tarball = ''] = await readdir(folder);
  await npm(
    folder,
    'install',
    '--silent',
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
    '--prefix',
    folder,
    join(folder, tarball),
  );
  return join(folder, 'node_modules/.bin/ha-deploy');
}

async function npm(cwd: string, ...parameters: readonly string[]): Promise<void> {
  await execute('npm', parameters, { cwd });
}

async function bringUpLab(): Promise<void> {
  if (keep && (await findLab(lab.name)) !== undefined) return;
  await startLab({ ...lab, image: await prepareImage() });
}
