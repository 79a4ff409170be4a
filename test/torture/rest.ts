import type { LabHost } from '../../docker/host.js';
import { on } from '../support/lab.js';
import type { Result } from './operator.js';
import type { Rule } from './violation.js';

/** How a node is when nothing happens any more. */
export interface NodeAtRest {
  readonly node: string;
  /** The head of its generation, without who takes part, which is changed afterwards; empty where there is none. */
  readonly generation: string;
  /** Files that are not what the generation says. */
  readonly strange: readonly string[];
  /** By what name the configuration of HAProxy on the disk goes, and that of the one that runs. */
  readonly written: string;
  readonly running: string;
  /** Why the last good state could not be gone back to. */
  readonly damaged: readonly string[];
  /** A run was not confirmed here, and not undone. */
  readonly due: boolean;
  readonly standing: boolean;
  readonly leased: boolean;
}

const question = String.raw`
set +e
state=/var/lib/ha-deploy
echo "generation $(grep -v '^nodes=' $state/current/head 2>/dev/null | tr '\n' ' ')"
while read -r kind reader number path; do
  [ "$kind" = path ] || continue
  if [ "$number" = - ]; then [ ! -e "$path" ] || echo "strange $path"
  else cmp -s "$state/current/files/$number" "$path" || echo "strange $path"; fi
done <$state/current/manifest 2>/dev/null || :
echo "written $(sed -n 's/^ *description //p' /etc/haproxy/haproxy.cfg 2>/dev/null)"
running=$(perl -MSocket -e 'socket S, PF_UNIX, SOCK_STREAM, 0; connect S, sockaddr_un("/run/haproxy/admin.sock") or exit;
syswrite S, "show info\n"; print <S>' | sed -n 's/^description: *//p')
echo "running $running"
if [ -e $state/uncommitted ]; then echo due; fi
# A keepalived that is not installed has nothing to take part in.
case $(cat /run/ha-deploy/maintenance 2>/dev/null) in [12]*) ! systemctl cat keepalived.service >/dev/null 2>&1 || echo standing ;; esac
[ ! -e $state/current ] || sh $state/ledger.sh sound "$(basename "$(readlink $state/current)")" | sed 's/^/damaged /'
until=$(sed -n 's/^expires=//p' /run/ha-deploy-lease/lease 2>/dev/null)
if [ "$until" ] && [ "$until" -gt "$(cut -d. -f1 /proc/uptime)" ]; then echo leased; fi
exit 0
`;

export async function atRest(host: LabHost): Promise<NodeAtRest> {
  return restOf(host.name, await on(host, question));
}

/** What a node has answered. */
export function restOf(node: string, answer: string): NodeAtRest {
  const lines = answer.split('\n').map((line) => {
    const [word = '', ...rest] = line.split(' ');
    return { word, rest: rest.join(' ').trim() };
  });
  const all = (wanted: string): string[] => lines.flatMap(({ word, rest }) => (word === wanted ? [rest] : []));
  return {
    node,
    generation: all('generation')[0] ?? '',
    strange: all('strange'),
    written: all('written')[0] ?? '',
    running: all('running')[0] ?? '',
    damaged: all('damaged'),
    due: all('due').length > 0,
    standing: all('standing').length > 0,
    leased: all('leased').length > 0,
  };
}

/** Nothing more comes of itself. */
export function isQuiet({ due, standing, leased }: NodeAtRest): boolean {
  return !due && !standing && !leased;
}

/** All nodes are old or all are new, and each is whole; or `status` says so. */
export function judgeRest(nodes: readonly NodeAtRest[], status: Result | undefined): { rule: Rule; what: string }[] {
  return [
    ...nodes.flatMap(({ node, damaged }) =>
      damaged.map((what) => ({ rule: 'torn' as const, what: `${node}: ${what}` })),
    ),
    ...nodes.flatMap((node) => {
      if (saysOf(node.node, status)) return [];
      return [
        ...node.strange.map((path) => ({
          rule: 'torn' as const,
          what: `${node.node}: ${path} is not what its generation says`,
        })),
        ...(node.written === node.running
          ? []
          : [
              {
                rule: 'torn' as const,
                what: `${node.node}: HAProxy runs ${node.running || 'nothing'}, and ${node.written || 'nothing'} is written`,
              },
            ]),
        ...(node.due ? [{ rule: 'not-quiet' as const, what: `${node.node} has still to undo a run` }] : []),
      ];
    }),
    ...nodes
      .filter(({ standing }) => standing)
      .map(({ node }) => ({ rule: 'standing-back' as const, what: `${node} stands back at rest` })),
    ...(new Set(nodes.map(({ generation }) => generation)).size === 1 || nodes.some(({ node }) => saysOf(node, status))
      ? []
      : [
          {
            rule: 'not-alike' as const,
            what: nodes.map(({ node, generation }) => `${node} has ${generation || 'nothing'}`).join('; '),
          },
        ]),
  ];
}

/** Drift alone says nothing: the operator may want something else by now. */
function saysOf(node: string, status: Result | undefined): boolean {
  const findings = (status?.findings ?? []).filter(({ code }) => code !== 'DRIFT').map(({ message }) => message);
  const { error } = status ?? {};
  return [...findings, ...(status?.warnings ?? []), error?.message ?? ''].some((sentence) => sentence.includes(node));
}
