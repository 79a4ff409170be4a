import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultyHost } from './faulty-host.js';
import {
  a,
  apply,
  b,
  c,
  expire,
  footprint,
  lay,
  must,
  powerCut,
  record,
  type Setup,
  take,
  tenant,
} from './small-node.js';

export interface Stage {
  readonly from?: string;
  readonly go: (host: FaultyHost) => Promise<void>;
}

function run(step: readonly string[], input?: (host: FaultyHost) => string): Stage['go'] {
  return (host) => must(host, step, input?.(host));
}

function begin(together = '-', token = 'ours'): Stage['go'] {
  return run(['begin', token, together], footprint);
}

function made(setup: Setup): Stage['go'] {
  return async (host) => apply(host, setup);
}

async function lost(host: FaultyHost): Promise<void> {
  expire(host);
}

function inOrder(...parts: readonly Stage['go'][]): Stage['go'] {
  return async (host) => {
    for (const part of parts) await part(host);
  };
}

function confirmation(token: string, id: number): Stage['go'] {
  return inOrder(
    run(record(token, id), footprint),
    run(['prepare', token, String(id)]),
    run(['confirm', token, String(id)]),
    run(['finished', token]),
    async (host) => rmSync(join(host.folder, 'units/ha-deploy-watch-1.service'), { recursive: true }),
  );
}

/** How a node came to where a scenario finds it: each stage goes on from another. */
const known = {
  bare: { go: async (host) => lay(host) },
  firstTaken: { from: 'bare', go: run(take('ours'), () => tenant) },
  firstChanged: { from: 'firstTaken', go: inOrder(begin(), made(a)) },
  installed: {
    from: 'bare',
    go: inOrder(
      run(take('first'), () => tenant),
      begin('-', 'first'),
      made(a),
      confirmation('first', 1),
    ),
  },
  taken: { from: 'installed', go: run(take('ours'), () => tenant) },
  back: { from: 'taken', go: run(['stand_back', 'ours']) },
  begun: { from: 'taken', go: begin() },
  changed: { from: 'begun', go: made(b) },
  recorded: { from: 'changed', go: run(record('ours', 2), footprint) },
  prepared: { from: 'recorded', go: run(['prepare', 'ours', '2']) },
  confirmed: { from: 'prepared', go: run(['confirm', 'ours', '2']) },
  copied: { from: 'taken', go: run(record('ours', 2, '1')) },
  together: { from: 'taken', go: inOrder(begin('1000'), run(['stand_back', 'ours']), made(c)) },
  togetherRecorded: { from: 'together', go: run(record('ours', 2), footprint) },
  togetherPrepared: { from: 'togetherRecorded', go: run(['prepare', 'ours', '2']) },
  lostBack: { from: 'back', go: lost },
  lostChanged: { from: 'changed', go: lost },
  lostPrepared: { from: 'prepared', go: lost },
  lostConfirmed: { from: 'confirmed', go: lost },
  lostTogether: { from: 'together', go: lost },
  lostTogetherRecorded: { from: 'togetherRecorded', go: lost },
  lostTogetherPrepared: { from: 'togetherPrepared', go: lost },
  lostHolder: {
    from: 'together',
    go: inOrder(run(['take_part', 'ours', '22222222']), async (host) => host.write('role', 'MASTER\n'), lost),
  },
  cutChanged: { from: 'changed', go: powerCut },
  cutPrepared: { from: 'prepared', go: powerCut },
  cutConfirmed: { from: 'confirmed', go: powerCut },
  cutTogether: { from: 'together', go: powerCut },
  cutTogetherRecorded: { from: 'togetherRecorded', go: powerCut },
  adopted: { from: 'lostTogether', go: run(take('next'), () => tenant) },
  adoptedConfirmed: { from: 'lostConfirmed', go: run(take('next'), () => tenant) },
  twice: {
    from: 'confirmed',
    go: inOrder(
      run(['finished', 'ours']),
      run(take('next'), () => tenant),
      begin('-', 'next'),
    ),
  },
} as const satisfies Record<string, { from?: string; go: Stage['go'] }>;

export type StageName = keyof typeof known;
export const stages: Readonly<Record<StageName, Stage>> = known;
