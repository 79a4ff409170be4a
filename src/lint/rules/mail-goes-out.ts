import { type KeepalivedConf, last } from '../daemons/keepalived-model.js';
import { onInstances, type Rule } from './rule.js';

export const mailGoesOut: Rule = {
  id: 'HA038',
  title: 'Mail that is asked for can be sent',
  level: 'warning',
  reason: 'Alerts that nobody takes are lost, and each is tried for as long as smtp_connect_timeout.',
  source: 'keepalived.conf(5), "smtp_server"; measured: mail to 127.0.0.1 failed (docs/facts.md)',
  check: onInstances(({ smtpAlert }, { keepalived }) => {
    const lacking = smtpAlert && obstacle(keepalived);
    if (smtpAlert === undefined || lacking === undefined) return [];
    const fix = 'Name a server that takes mail from the nodes, and who gets it; or remove smtp_alert.';
    return [{ line: lacking.line ?? smtpAlert.line, message: `smtp_alert: ${lacking.message}`, fix }];
  }),
};

function obstacle({ globals }: KeepalivedConf): { readonly line?: number; readonly message: string } | undefined {
  const server = last(globals, 'smtp_server');
  if (server === undefined) return { message: 'there is no smtp_server' };
  if ((last(globals, 'notification_email')?.block ?? []).length === 0) return { message: 'nobody gets the mail' };
  if (!/^(127\.|::1$|localhost$)/.test(server.words[1] ?? '')) return undefined;
  return { line: server.line, message: `a mail server must run on the node itself, at ${server.words[1]}` };
}
