import { absoluteScript } from './absolute-script.js';
import { authenticationAgrees } from './authentication-agrees.js';
import { authenticationHeader } from './authentication-header.js';
import { bindWithoutTheVip } from './bind-without-the-vip.js';
import { centiseconds } from './centiseconds.js';
import { checkSpeaksTls } from './check-speaks-tls.js';
import { deathByPolling } from './death-by-polling.js';
import { equalPriorities } from './equal-priorities.js';
import { failoverByWeight } from './failover-by-weight.js';
import { familiesApart } from './families-apart.js';
import { flagFailsClosed } from './flag-fails-closed.js';
import { haproxyIsWatched } from './haproxy-is-watched.js';
import { healthHasItsShare } from './health-has-its-share.js';
import { hungHaproxy } from './hung-haproxy.js';
import { instanceIsWhole } from './instance-is-whole.js';
import { instanceOnAllNodes } from './instance-on-all-nodes.js';
import { killallNeedsPsmisc } from './killall-needs-psmisc.js';
import { longPassword } from './long-password.js';
import { longSilence } from './long-silence.js';
import { mailGoesOut } from './mail-goes-out.js';
import { masterUndoesNopreempt } from './master-undoes-nopreempt.js';
import { notStrict } from './not-strict.js';
import { ownerPriority } from './owner-priority.js';
import { peersHearEachOther } from './peers-hear-each-other.js';
import { pidof } from './pidof.js';
import { portOfALocalServer } from './port-of-a-local-server.js';
import { processEvents } from './process-events.js';
import { routerIdOfEveryExample } from './router-id-of-every-example.js';
import { routerIdTwice } from './router-id-twice.js';
import { routerIdsAgree } from './router-ids-agree.js';
import type { Rule } from './rule.js';
import { scriptSecurity } from './script-security.js';
import { someoneWins } from './someone-wins.js';
import { sourceWithoutPeers } from './source-without-peers.js';
import { startsWithoutDns } from './starts-without-dns.js';
import { statsOnTheVip } from './stats-on-the-vip.js';
import { statsReadOnly } from './stats-read-only.js';
import { timersAgree } from './timers-agree.js';
import { trackerIsDefined } from './tracker-is-defined.js';
import { unreadLines } from './unread-lines.js';
import { version2IntervalsAgree } from './version-2-intervals-agree.js';
import { version2SubSecond } from './version-2-sub-second.js';
import { version3Authentication } from './version-3-authentication.js';
import { versionsAgree } from './versions-agree.js';
import { vipOfANode } from './vip-of-a-node.js';
import { vipsAgree } from './vips-agree.js';
import { weightAboveTheGap } from './weight-above-the-gap.js';
import { weightMovesNothing } from './weight-moves-nothing.js';
import { weightWithNopreempt } from './weight-with-nopreempt.js';
import { weightWithPreemptDelay } from './weight-with-preempt-delay.js';

/** All rules, in the order of their ids. */
export const rules: readonly Rule[] = [
  someoneWins,
  weightWithNopreempt,
  weightWithPreemptDelay,
  failoverByWeight,
  weightAboveTheGap,
  masterUndoesNopreempt,
  equalPriorities,
  haproxyIsWatched,
  hungHaproxy,
  deathByPolling,
  routerIdsAgree,
  versionsAgree,
  vipsAgree,
  version2IntervalsAgree,
  timersAgree,
  authenticationAgrees,
  statsOnTheVip,
  peersHearEachOther,
  sourceWithoutPeers,
  routerIdTwice,
  routerIdOfEveryExample,
  vipOfANode,
  familiesApart,
  instanceIsWhole,
  instanceOnAllNodes,
  version3Authentication,
  longPassword,
  authenticationHeader,
  version2SubSecond,
  centiseconds,
  ownerPriority,
  notStrict,
  scriptSecurity,
  absoluteScript,
  killallNeedsPsmisc,
  pidof,
  processEvents,
  mailGoesOut,
  bindWithoutTheVip,
  statsReadOnly,
  checkSpeaksTls,
  longSilence,
  portOfALocalServer,
  unreadLines,
  trackerIsDefined,
  flagFailsClosed,
  weightMovesNothing,
  healthHasItsShare,
  startsWithoutDns,
];
