import { formatBytes, formatDuration, list } from '@rig/plugin-api';
import { type AuditEntry, sessionEndText } from '@rig/plugin-api/max';
import { version, when } from './format.ts';

/** The audit as a table. */
export const auditList = list<AuditEntry>({
  columns: [
    { header: 'AT', value: (entry) => when(entry.at) },
    { header: 'USER', value: (entry) => entry.user },
    { header: 'ACTION', value: (entry) => entry.action },
    { header: 'WHERE', value: where },
    { header: 'RELEASE', value: (entry) => version(entry.release) },
    { header: 'END', value: (entry) => (entry.end === null ? 'goes on' : sessionEndText(entry.end)) },
    { header: 'TOOK', value: (entry) => entry.end && tookOf(entry.end.durationMs) },
    { header: 'IN', value: (entry) => formatBytes(entry.bytesIn), align: 'right' },
    { header: 'OUT', value: (entry) => formatBytes(entry.bytesOut), align: 'right' },
    { header: 'FROM', value: (entry) => entry.from },
    { header: 'TOKEN', value: (entry) => entry.token?.name },
    // Last, as nothing follows that would be pushed aside by a long one.
    { header: 'WHAT', value: (entry) => entry.what },
  ],
  name: (entry) => entry.id,
  empty: 'Nobody was inside an app or a network, as far as this selection goes.',
});

function where({ app, network, instance }: AuditEntry): string {
  if (app === null) return `network ${network}`;
  return instance === null ? `${app}.${network}` : `${app}.${network} ${instance}`;
}

const tookOf = (ms: number): string => (ms < 1000 ? `${ms}ms` : formatDuration(ms));
