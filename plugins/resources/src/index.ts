import { definePlugin } from '@rig/plugin-api';
import { CreateAppCommand } from './commands/create/app.ts';
import { CreateNetworkCommand } from './commands/create/network.ts';
import { CreateSecretCommand } from './commands/create/secret.ts';
import { CreateVarCommand } from './commands/create/var.ts';
import { DeleteAppCommand } from './commands/delete/app.ts';
import { DeleteNetworkCommand } from './commands/delete/network.ts';
import { DeleteSecretCommand } from './commands/delete/secret.ts';
import { DeleteVarCommand } from './commands/delete/var.ts';
import { DetailsAppCommand } from './commands/details/app.ts';
import { DetailsNetworkCommand } from './commands/details/network.ts';
import { EventsCommand } from './commands/events.ts';
import { ListAppsCommand } from './commands/list/apps.ts';
import { ListAuditCommand } from './commands/list/audit.ts';
import { ListBuildsCommand } from './commands/list/builds.ts';
import { ListDeploymentsCommand } from './commands/list/deployments.ts';
import { ListNetworksCommand } from './commands/list/networks.ts';
import { ListReleasesCommand } from './commands/list/releases.ts';
import { ListSecretsCommand } from './commands/list/secrets.ts';
import { ListVarsCommand } from './commands/list/vars.ts';
import { RestartAppCommand } from './commands/restart/app.ts';
import { ScaleAppCommand } from './commands/scale/app.ts';
import { StartAppCommand } from './commands/start/app.ts';
import { StatusAppCommand } from './commands/status/app.ts';
import { StatusNetworkCommand } from './commands/status/network.ts';
import { StopAppCommand } from './commands/stop/app.ts';
import { UpdateAppCommand } from './commands/update/app.ts';
import { UpdateNetworkCommand } from './commands/update/network.ts';

export default definePlugin({
  name: 'resources',
  permissions: ['http', 'socket'],
  commands: [
    CreateNetworkCommand,
    CreateAppCommand,
    CreateVarCommand,
    CreateSecretCommand,
    ListNetworksCommand,
    ListAppsCommand,
    ListAuditCommand,
    ListBuildsCommand,
    ListDeploymentsCommand,
    ListReleasesCommand,
    ListVarsCommand,
    ListSecretsCommand,
    StatusNetworkCommand,
    StatusAppCommand,
    DetailsNetworkCommand,
    DetailsAppCommand,
    StopAppCommand,
    StartAppCommand,
    EventsCommand,
    RestartAppCommand,
    ScaleAppCommand,
    UpdateNetworkCommand,
    UpdateAppCommand,
    DeleteNetworkCommand,
    DeleteAppCommand,
    DeleteVarCommand,
    DeleteSecretCommand,
  ],
});
