import type { Node } from '../../cluster/cluster.js';
import { generationFiles, type KeptFile } from '../../facts/ledger/generation-files.js';
import { redactLines, type Secrecy } from '../../resources/kinds/redaction.js';
import { allOrFirst } from '../hosts/all-or-first.js';
import { observe } from '../hosts/observe.js';
import type { Runners } from '../hosts/runners.js';
import { shown } from '../plan/planned-change.js';
import type { PlannedChange } from '../run/events.js';
import type { Run } from '../run/run.js';

/** Says which files would become what, on every node, when all go back to a generation. */
export async function tellGoingBack(run: Run, runners: Runners, id: number, secrecy: Secrecy): Promise<void> {
  const fact = generationFiles(id);
  const nodes = await allOrFirst(
    run,
    run.cluster.nodes.map(async ({ name }: Node) => {
      const host = await observe(run, runners.get(name), [fact]);
      return { node: name, changes: host.get(fact).map((file) => changeOf(file, id, secrecy(file.path))) };
    }),
  );
  run.journal.tell({ event: 'preview', nodes });
}

function changeOf({ path, present, kept }: KeptFile, id: number, secret: ReturnType<Secrecy>): PlannedChange {
  const resource = `file:${path}`;
  const action = present === undefined ? 'create' : kept === undefined ? 'remove' : 'update';
  const summary = id === 0 ? 'as before the first run' : `as in generation ${id}`;
  if (secret === 'whole') return { resource, action, summary: `${summary}; its content is not shown` };
  if (present === kept)
    return { resource, action, summary: `${summary}; its mode, its owner, or what is too far down to be shown` };
  const text = { before: redactLines(present ?? '', secret), after: redactLines(kept ?? '', secret) };
  return shown({ resource, action, summary, text });
}
