import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { upPlaybook as playbook } from '../../../playbooks/up.js';
import type { Cluster } from '../../cluster/cluster.js';
import { defaultRelease, nameOf, type Release, releaseNamed, releases } from '../../cluster/versions/releases.js';
import { changesOf, planNode } from '../../engine/plan/node-plan.js';
import { DeployError, exitCodes } from '../../errors/deploy-error.js';
import { systemCode } from '../../errors/system-code.js';
import { bareHost } from '../../facts/host/bare-host.js';
import { tellOfCertificates } from '../inputs/certificate-warnings.js';
import { type GlobalOptions, invoke } from '../invoke/invoke.js';

interface RenderedFile {
  readonly node: string;
  readonly path: string;
  /** Secrets replaced by their labels. */
  readonly text: string;
}

export function renderCommand(options: GlobalOptions & { out?: string; release?: string }): Promise<number> {
  return invoke('render', options, async ({ cluster, journal }) => {
    tellOfCertificates(cluster, journal);
    for (const secret of cluster.secrets) secret.reveal();
    const release = chosenRelease(options.release);
    const { haproxy, keepalived } = release;
    journal.tell({
      event: 'warning',
      message: `the versions are assumed: HAProxy ${haproxy.text} and keepalived ${keepalived.text}, as in ${nameOf(release)}`,
      hint: '`ha-deploy plan` asks the nodes; `--release` names another release.',
    });
    for (const node of cluster.nodes.filter((candidate) => candidate.interface === undefined)) {
      const message = `the interface of ${node.name} is found on the node itself; <interface> stands for it`;
      journal.tell({ event: 'warning', message, node: node.name });
    }
    for (const file of renderedFiles(cluster, release)) {
      if (options.out === undefined) journal.tell({ event: 'rendered', ...file });
      else journal.tell({ event: 'rendered', ...file, writtenTo: await write(options.out, file) });
    }
    return exitCodes.ok;
  });
}

/** @throws DeployError USAGE for a release that we do not know */
function chosenRelease(name: string | undefined): Release {
  const release = name === undefined ? defaultRelease : releaseNamed(name);
  if (release !== undefined) return release;
  throw new DeployError('USAGE', `--release ${name ?? ''} is no release that ha-deploy knows`, {
    hint: `It knows ${releases.map(nameOf).join(', ')}.`,
  });
}

/** What `up` would write on hosts that have nothing yet. */
function renderedFiles(cluster: Cluster, release: Release): readonly RenderedFile[] {
  return cluster.nodes.flatMap((node) =>
    changesOf(planNode(playbook(cluster, node), bareHost(node, release))).flatMap(({ resource, text }) =>
      text === undefined ? [] : [{ node: node.name, path: resource.slice('file:'.length), text: text.after }],
    ),
  );
}

/** One level after the other: Node's own recursion never ends where a folder cannot be made, as below /proc. */
async function makeFolder(path: string): Promise<void> {
  if (existsSync(path)) return;
  await makeFolder(dirname(path));
  await mkdir(path);
}

async function write(folder: string, { node, path, text }: RenderedFile): Promise<string> {
  const target = join(folder, node, path);
  try {
    await makeFolder(dirname(target));
    await writeFile(target, text);
  } catch (cause) {
    throw new DeployError('USAGE', `${target} cannot be written (${systemCode(cause) ?? 'unknown reason'})`, {
      hint: 'Name a folder that you may write to, or that does not exist yet, with --out.',
      cause,
    });
  }
  return target;
}
