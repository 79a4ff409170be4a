import { Content } from '../src/cluster/secrets/content.js';
import { ledgerFormat } from '../src/facts/ledger/ledger.js';
import { Shell, sh } from '../src/remote/shell.js';
import { type Footprint, joined } from '../src/resources/footprint.js';
import { fencedOff, type Tenure } from '../src/resources/ledger-steps.js';
import type { Step, StepFailure } from '../src/resources/resource.js';
import { ledgerScript } from './ledger-script.js';
import { paths as places } from './paths.js';

const folder = '/var/lib/ha-deploy';
const script = places.ledger;

const lost: StepFailure = {
  code: 'LEASE_LOST',
  message: 'this run has lost its lease: it may change nothing any more',
  hint: 'Another run has taken over, or this one was silent for too long. `ha-deploy status` says how the nodes are; run again.',
};

const notConfirmed: StepFailure = {
  code: 'NOT_CONFIRMED',
  message: 'this node could not record its new state, so the run is undone',
  hint: 'See the output above: often a full or read-only file system. `ha-deploy status` says whether any node has yet to go back.',
};

const staysDue: StepFailure = {
  code: 'NOT_RESTORED',
  message: 'some of it could not be put back; the node tries again by itself when the lease ends',
  hint: 'See the output above, and `ha-deploy status` for what is still due.',
};

/** Nothing was done yet; the engine says which disk it is, from what the step printed. */
const full: StepFailure = { code: 'DISK_FULL', message: 'a disk of this node is full' };

const notCopied: StepFailure = {
  code: 'WRITE_FAILED',
  message: 'the files of that generation cannot be copied to where they belong; nothing was changed',
  hint: 'See the output above: often a read-only file system.',
};

const notPutBack: StepFailure = {
  code: 'STEP_FAILED',
  message: 'this node could not be made what that generation says',
  hint: 'See the output above for what could not be put back.',
};

/** Bytes. The ledger's script, beside the one that is there, and a few lines. */
const roomOfTaking = 128 * 1024;

/** How a run holds a node: `templates/ledger/` does it all, on the node. */
export const tenure: Tenure = {
  take: ({ token, ...tenant }, seconds, { lostRun, insteadOf = '-' }) => ({
    script: sh`
cannot_write() {
  there=${folder}
  while [ ! -d "$there" ]; do there=$(dirname "$there"); done
  set -- $(stat --file-system --format='%S %f %c %d' -- "$there")
  [ $(($1 * $2)) -ge ${roomOfTaking} ] || { echo "full:-h $there"; exit 75; }
  [ "$3" = 0 ] || [ "$4" -ge 16 ] || { echo "full:-i $there"; exit 75; }
  exit 74
}
mkdir -p -m 700 ${folder} || cannot_write
own=$(mktemp /run/ha-deploy-ledger.XXXXXXXX) || exit 74
trap 'rm -f "$own"' EXIT
printf %s ${Shell.encoded(Content.of(ledgerScript()))} | base64 -d > "$own" || exit 74
printf '%s\\n' ${fields(tenant)} | sh "$own" take ${token} ${insteadOf} ${seconds} ${lostRun}
code=$?
[ "$code" -ne 74 ] || cannot_write
exit "$code"`,
    // What it pushes first is the ledger itself.
    shown: sh`sh ${script} take`,
    failures: {
      1: { code: 'LEASED', message: 'another run holds this node' },
      2: {
        code: 'LEASED',
        message: 'a step of another run is being carried out on this node',
        hint: 'Wait until it has ended, then run again.',
      },
      3: {
        code: 'UNFINISHED_RUN',
        message: 'a run was lost here before it was confirmed, and is not undone yet',
        hint: '`ha-deploy status` says when the node has undone it; `ha-deploy up` finishes it at once.',
      },
      74: {
        code: 'WRITE_FAILED',
        message: `cannot write below ${folder}`,
        hint: 'See the output above: often a read-only file system, or a full /run.',
      },
      75: full,
    },
  }),
  renew: (token, until) => step(sh`sh ${script} renew ${token} ${until}`, { 1: lost }),
  begin: (token, footprint, together) =>
    step(sh`printf '%s\\n' ${linesOf(footprint)} | sh ${script} begin ${token} ${together ?? '-'}`, { 1: lost }),
  fence: (token, guarded) => fenced('fence', token, guarded),
  unlessTaken: (token, guarded) => fenced('unless_taken', token, guarded),
  record: (token, head, footprint, as) => {
    const text = fields({ format: ledgerFormat, ...head }).map((line) => `${line}\n`);
    return step(
      sh`printf '%s\\n' ${linesOf(footprint)} | sh ${script} record ${token} ${head.id} ${Shell.encoded(Content.of(text.join('')))} ${as ?? ''}`,
      { 1: lost, 2: notConfirmed },
    );
  },
  prepare: (token, generation) => step(sh`sh ${script} prepare ${token} ${generation}`, { 1: lost, 2: notConfirmed }),
  confirm: (token, generation) => step(sh`sh ${script} confirm ${token} ${generation}`, { 1: lost, 2: notConfirmed }),
  finish: (token) => step(sh`sh ${script} finished ${token}`, { 1: lost }),
  undo: (token) => step(sh`sh ${script} undo ${token}`, { 1: lost, 2: staysDue }),
  turnBack: (token) =>
    step(sh`sh ${script} turn_back ${token}`, { 1: lost, 2: cannotTell, 3: damaged, 4: refused, 5: cannotTell }),
  check: (generation) =>
    step(sh`sh ${script} check ${generation}`, { 3: damaged, 4: refused, 5: cannotTell, 6: full, 7: notCopied }),
  giveBack: (token) => step(sh`sh ${script} give_back ${token}`),
  standBack: (token) => step(sh`sh ${script} stand_back ${token}`),
  takePart: (token, terms) => step(sh`sh ${script} take_part ${token} ${terms}`),
  forget: (kind, name) => step(sh`sh ${script} forget ${kind} ${name}`),
  go: (generation) =>
    step(sh`sh ${script} go ${generation}`, { 2: notPutBack, 3: notThere(generation), 4: nothingBefore, 5: damaged }),
  member: (nodes) => step(sh`sh ${script} member ${nodes}`),
  leave: (token, packages) => step(sh`sh ${script} leave ${token} ${packages}`, { 1: lost }),
};

const damaged: StepFailure = {
  code: 'GENERATION_DAMAGED',
  message: 'what this node has written down of that generation cannot be used',
  hint: 'A newer ha-deploy may have written it. `ha-deploy rollback --list` says which others there are; `ha-deploy up` makes a new one.',
};

const cannotTell: StepFailure = {
  code: 'STEP_FAILED',
  message: 'a daemon on this node cannot be asked whether it accepts the configuration of that generation',
  hint: 'See the output above: often a full /run, or a daemon whose package is gone.',
};

const refused: StepFailure = {
  code: 'GENERATION_REFUSED',
  message: 'a daemon on this node does not accept the configuration of that generation any more',
  hint: 'See what it said above: a file that is gone, a name that does not resolve, or another version of the daemon.',
};

function fenced(by: 'fence' | 'unless_taken', token: string, guarded: Shell): Shell {
  return sh`exec 9>>/run/ha-deploy-lease/lock; sh ${script} ${by} ${token} || exit ${fencedOff}\n${guarded}`;
}

function notThere(generation: number): StepFailure {
  return {
    code: 'NO_SUCH_GENERATION',
    message: `there is no generation ${generation} on this node`,
    hint: '`ha-deploy rollback --list` says which there are.',
  };
}

const nothingBefore: StepFailure = {
  code: 'NO_SUCH_GENERATION',
  message: 'keepalived did not run on this node before us, so there is nothing that could hold the VIP',
  hint: '`ha-deploy down` takes off what `up` has made.',
};

function step(shell: Shell, failures: Step['failures'] = {}): Step {
  return { script: shell, failures };
}

/** `name=value`, on one line each: what somebody calls their machine is no place for a newline. */
function fields(values: object): string[] {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return given.map(([name, value]) => `${name}=${String(value).replaceAll(/\p{Cc}/gu, ' ')}`);
}

function linesOf(footprint: Footprint): string[] {
  const { paths, units, sysctls, packages } = joined([footprint]);
  return [
    ...paths.map(({ path, reader = '-' }) => `path ${reader} ${path}`),
    ...sysctls.map((name) => `sysctl ${name}`),
    ...units.map((name) => `unit ${name}`),
    ...packages.map((name) => `package ${name}`),
  ];
}
