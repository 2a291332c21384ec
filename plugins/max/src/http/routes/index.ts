import type { Core } from '../../core.ts';
import { openApiOf } from '../openapi.ts';
import type { Route } from '../route.ts';
import { appRoutes } from './apps.ts';
import { auditRoutes } from './audit.ts';
import { configRoutes } from './config.ts';
import { deploymentRoutes } from './deployments.ts';
import { eventRoutes } from './events.ts';
import { lifecycleRoutes } from './lifecycle.ts';
import { logRoutes } from './logs.ts';
import { metricsRoutes } from './metrics.ts';
import { networkRoutes } from './networks.ts';
import { oauthRoutes } from './oauth.ts';
import { rollbackRoutes } from './rollback.ts';
import { sessionRoutes } from './sessions.ts';
import { sshRoutes } from './ssh.ts';
import { tokenRoutes } from './tokens.ts';
import { uploadRoutes } from './uploads.ts';

/** Every route of the API: what is served, and what the OpenAPI document is made from. */
export function allRoutes(core: Core): Route[] {
  const routes: Route[] = [
    {
      method: 'GET',
      path: '/healthz',
      summary: 'Tells that Max serves.',
      scope: 'none',
      answers: { 200: 'Health' },
      handle: () => ({ status: 200, body: { status: 'ok', version: core.version } }),
    },
    {
      method: 'GET',
      path: '/openapi.json',
      summary: 'Describes this API for machines.',
      scope: 'none',
      answers: { 200: 'OpenApi' },
      handle: () => ({ status: 200, body: document }),
    },
    ...oauthRoutes(core),
    ...tokenRoutes(core),
    ...networkRoutes(core),
    ...appRoutes(core),
    ...configRoutes(core),
    ...uploadRoutes(core),
    ...deploymentRoutes(core),
    ...lifecycleRoutes(core),
    ...rollbackRoutes(core),
    ...logRoutes(core),
    ...eventRoutes(core),
    ...metricsRoutes(core),
    ...sessionRoutes(core),
    ...auditRoutes(core),
    ...sshRoutes(core),
  ];
  const document = openApiOf(routes, core.version);
  return routes;
}
