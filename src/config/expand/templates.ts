import type { Cluster, Template } from '../../cluster/cluster.js';
import { type ConfigFinding, mistake } from '../problems/finding.js';
import { printableValue } from '../problems/show.js';
import type { ClusterInput } from '../schema/cluster.js';
import { readText } from './files.js';
import { expandPath, type LoadContext } from './surroundings.js';

export interface ReadTemplates {
  readonly templates: Cluster['templates'];
  readonly findings: readonly ConfigFinding[];
}

/** The operator's own templates, read at once: one that is missing is a mistake in the configuration. */
export function readTemplates(input: ClusterInput['templates'] | undefined, surroundings: LoadContext): ReadTemplates {
  const haproxy = readTemplate('haproxy', input?.haproxy, surroundings);
  const keepalived = readTemplate('keepalived', input?.keepalived, surroundings);
  return {
    templates: { haproxy: haproxy.template, keepalived: keepalived.template },
    findings: [...haproxy.findings, ...keepalived.findings],
  };
}

interface ReadTemplate {
  readonly template?: Template;
  readonly findings: readonly ConfigFinding[];
}

function readTemplate(key: string, path: string | undefined, surroundings: LoadContext): ReadTemplate {
  if (path === undefined) return { findings: [] };
  const absolute = expandPath(path, surroundings);
  const file = readText(surroundings.files, absolute);
  const place = ['templates', key];
  if (file.text === undefined) {
    return {
      findings: [mistake(place, `${printableValue(absolute)}, which ${file.why}`, 'a template that can be read')],
    };
  }
  if (file.text.includes('\0')) {
    return {
      findings: [mistake(place, `${printableValue(absolute)}, which has a NUL character`, 'a template that is text')],
    };
  }
  return { template: { path: absolute, source: file.text }, findings: [] };
}
