import { expect, test } from 'vitest';
import { problemsAfterReturn } from '../../../src/checks/after-return.js';
import { bareLedger, hostWith } from '../facts/support.js';

const confirmed = `${bareLedger}/var/lib/ha-deploy/current/head:format=1\n/var/lib/ha-deploy/current/head:id=1\n/var/lib/ha-deploy/current/head:at=1\n`;
const haproxy =
  'Version: 2.6.12\nUlimit-n: 40045\nMaxsock: 40045\nCurrConns: 0\nMaxconn: 20090\nUptime_sec: 60\ndescription: x\n\n# pxname,svname,status,weight,lastchg,check_status,check_code,scur,slim,downtime\n';

function host(name: string, state: string, more: Readonly<Record<string, string>> = {}) {
  const keepalived = ` Router ID = x\n VRRP Instance = VI_1\n   State = ${state}\n   Effective priority = 100\n`;
  return hostWith({ ledger: confirmed, standing: 'taking part\n', haproxy, keepalived, ...more }, name);
}

test.each([
  ['one master', [host('lb-1', 'MASTER'), host('lb-2', 'BACKUP')], []],
  ['no master', [host('lb-1', 'BACKUP'), host('lb-2', 'BACKUP')], ['no node is master of VI_1']],
  ['two masters', [host('lb-1', 'MASTER'), host('lb-2', 'MASTER')], ['lb-1 and lb-2 are master of VI_1 at once']],
  [
    'a node that stands back',
    [host('lb-1', 'MASTER'), host('lb-2', 'FAULT')],
    ['lb-2 could not take over: its VRRP instance VI_1 is in FAULT'],
  ],
  ['nodes that nothing was ever confirmed on', [host('lb-1', 'FAULT', { ledger: bareLedger })], []],
] as const)('%s', (_, hosts, problems) => {
  expect(problemsAfterReturn(hosts)).toEqual(problems);
});
