import { definePlugin } from '@rig/plugin-api';
import { ConfigGet } from './config/get.ts';
import { ConfigList } from './config/list.ts';
import { ConfigSet } from './config/set.ts';
import { ConfigUnset } from './config/unset.ts';
import { Login } from './login.ts';
import { Logout } from './logout.ts';
import { PluginsLink } from './plugins/link.ts';
import { PluginsList } from './plugins/list.ts';
import { PluginsManifest } from './plugins/manifest.ts';
import { PluginsUnlink } from './plugins/unlink.ts';
import { WhoAmI } from './whoami.ts';

/** The host's own commands, as a plugin like any other. */
export const hostCommands = definePlugin({
  name: 'rig',
  commands: [
    ConfigGet,
    ConfigList,
    ConfigSet,
    ConfigUnset,
    Login,
    Logout,
    PluginsLink,
    PluginsList,
    PluginsManifest,
    PluginsUnlink,
    WhoAmI,
  ],
});
