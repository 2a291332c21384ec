export { openPlugins, type UserPlugins } from './user-plugins.ts';
