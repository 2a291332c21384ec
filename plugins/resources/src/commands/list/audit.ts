import { Option, parseLimit, RigCommand, type Services } from '@rig/plugin-api';
import type { AuditEntry } from '@rig/plugin-api/max';
import { listAudit, parseAction, parseSince } from '../../audit.ts';
import { HISTORY_LIMIT } from '../../history.ts';
import { auditList } from '../../views/audit.ts';

/** `rig list audit`. */
export class ListAuditCommand extends RigCommand<AuditEntry[]> {
  static override paths = [['list', 'audit']];
  static override usage = RigCommand.Usage({
    category: 'Resources',
    description: 'List who was inside an app or a network, and what they ran there, newest first',
    details:
      'Every shell, command, SSH connection and forwarded connection has an entry: who, by which token, from where, in which ' +
      'app, instance and release, what was run, how it ended, and how many bytes went in and out. Values of vars and secrets ' +
      'are blotted out in what was run. An app or a network that was deleted keeps its entries. This needs the scope admin.',
    examples: [
      ['The last 20 entries', '$0 list audit'],
      ['What was run in the app api of the network shop since yesterday', '$0 list audit --app api.shop --since 1d'],
      ['The commands that ada ran', '$0 list audit --user ada --action command --limit 100'],
    ],
  });
  static override result = auditList;

  app = Option.String('--app', { description: 'Only what was done in this app' });
  network = Option.String('--network', { description: 'Only what was done in this network and its apps' });
  user = Option.String('--user', { description: 'Only what this user did' });
  action = Option.String('--action', { description: 'Only this: shell, command, ssh or forward' });
  since = Option.String('--since', {
    description: 'Only what began since then: a time such as 2026-03-01T09:30:00Z, or 10m, 2h, 1d back from now',
  });
  limit = Option.String('--limit', { description: 'List at most that many; 20 unless said' });

  async run(services: Services): Promise<AuditEntry[]> {
    const limit = parseLimit(this.limit, HISTORY_LIMIT);
    const action = parseAction(this.action);
    const since = parseSince(this.since);
    const config = await services.config();
    const app = this.app === undefined ? undefined : config.app({ app: this.app, network: this.network });
    const network = this.network === undefined ? undefined : config.network(this.network).network;
    return listAudit(await services.http(), { app, network, user: this.user, action, since }, limit);
  }
}
