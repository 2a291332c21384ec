import type { Core } from '../../core.ts';
import type { Route } from '../route.ts';

/** The routes of SSH: what a client must know before it connects. */
export function sshRoutes(core: Core): Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/ssh/host-key',
      summary: 'Tells the key by which an SSH client knows this Max.',
      scope: 'shell',
      answers: { 200: 'SshHostKey' },
      problems: ['RIG_HOST_KEY_UNREADABLE'],
      handle: async () => ({ status: 200, body: await core.ssh.hostKey() }),
    },
  ];
}
