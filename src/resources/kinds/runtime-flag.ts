import type { Fact } from '../../facts/fact.js';
import { file } from '../../facts/host/file.js';
import type { Observation } from '../../facts/observation.js';
import { sh } from '../../remote/shell.js';
import type { Resource } from '../resource.js';
import { replaced } from './replaced.js';

export interface RuntimeFlag {
  readonly path: string;
  readonly facts: readonly Fact<unknown>[];
  /** The value that it should have, derived from what was observed; undefined where others will write it. */
  wanted(host: Observation): '0' | '1' | undefined;
  readonly why: string;
}

/** A one-character file under /run that keepalived tracks. */
export function runtimeFlag(flag: RuntimeFlag): Resource {
  const state = file(flag.path);
  const id = `flag:${flag.path}`;
  return {
    id,
    facts: [state, ...flag.facts],
    plan(host) {
      const value = flag.wanted(host);
      const observed = host.get(state);
      if (value === undefined || (observed.type === 'file' && observed.content.trim() === value)) return [];
      return [
        {
          resource: id,
          action: observed.type === 'absent' ? 'create' : 'update',
          summary: flag.why,
          replaces: replaced(observed),
          interrupts: false,
          step: { script: sh`echo ${value} > ${flag.path}`, failures: {} },
        },
      ];
    },
  };
}
