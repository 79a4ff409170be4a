/**
 * Renders `docs/rules.md` from the rules in `src/lint/rules/`. `test/unit/lint/reference.test.ts` fails when the page is out of
 * date; `npx vitest run --project unit -u` writes it.
 */

import type { Rule } from '../src/lint/rules/rule.js';

export function rulesReference(rules: readonly Rule[]): string {
  return `${[introduction, table(rules), ...rules.map(section)].join('\n\n')}\n`;
}

const introduction = `<!-- Generated from src/lint/rules by scripts/rules-reference.ts: change the rules there. -->

# HA rules

What \`ha-deploy validate\` looks for in the files that the nodes would be given, and \`plan\` and \`up\` before they contact a
node. An error is what keeps the cluster from starting or from failing over, or gives a VIP two holders: it ends the run with
exit code 3. Everything else warns. What is asked before a node is contacted is asked for the daemons of \`ubuntu:22.04\`; where there is
something to change, \`plan\` and \`up\` ask again with the versions that the nodes have, and an error then is \`UNFIT_VERSIONS\`
(exit code 7). The rules read \`keepalived.conf\` and \`haproxy.cfg\` as the daemons do, so they count for
your own templates and lines too.

A rule that you break on purpose is ignored by name, with the reason:

\`\`\`yaml
lint:
  ignore:
    HA017: only operators reach this network
\`\`\`

\`validate\` goes on telling what is ignored, and warns when nothing breaks the rule any more.

Files that ha-deploy has not written are judged without a configuration, in the order of the nodes:

\`\`\`
ha-deploy validate --keepalived lb-1.conf lb-2.conf --haproxy haproxy.cfg
ha-deploy validate --keepalived lb-1.conf lb-2.conf --haproxy lb-1.cfg lb-2.cfg --ignore "HA039=set by our base image"
\`\`\`

A node is named by its file, or by the folder where the files are named alike. Of its host nothing is known: a sysctl counts
as not set, and a flag file counts as written where its path names HAProxy.

## What follows from every fault

\`validate\` also simulates every single fault on every node that may hold the VIPs while all is well, and prints who takes over
and after how long at most. With A the advert interval, N \`down_timer_adverts\` and p the priority of the node that takes over,
skew is (256 - p) / 256 of A, with version 2 of a second.

| what the others notice | at most |
|---|---|
| a goodbye: keepalived was stopped, or a tracker of weight 0 led to FAULT | detection + skew |
| silence: keepalived was killed, or the node is cut off | N · A + skew |
| a lower priority: a tracker with a weight | detection + N · A + skew, and \`preempt_delay\`; never where nobody is strictly higher, or with \`nopreempt\` |

Detection is 30 ms for a flag file of haproxy.service's hooks, 20 ms for \`vrrp_track_process\`, and interval × fall for a script;
for an HAProxy that hangs one \`timeout\` more, or the time after which the script gives up by itself where that is known (ours: 2 s),
and only a script that asks HAProxy notices it. A keepalived that is stopped takes
10 ms for its goodbye. What clients see beyond that is in [facts.md](facts.md).

What no file tells is left to the commands that look at the hosts: whether the network lets protocol 112 pass, whether somebody else
has the VIP or the router id, and whether the VIP is in the subnet.`;

function table(rules: readonly Rule[]): string {
  const rows = rules.map(({ id, level, title }) => `| [${id}](#${id.toLowerCase()}) | ${level} | ${title} |`);
  return ['## All rules', '', '| rule | level | what is so where it is kept |', '|---|---|---|', ...rows].join('\n');
}

function section({ id, title, level, reason, source }: Rule): string {
  return [`### ${id}`, '', `**${title}** (${level}). ${reason}`, '', `Source: ${source}.`].join('\n');
}
