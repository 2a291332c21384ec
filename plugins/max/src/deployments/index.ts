import type { CreateRuntime } from '../runtime.ts';
import { LocalRuntime } from './runtime.ts';

/** Makes the runtime of this machine. */
export const createRuntime: CreateRuntime = (options) => new LocalRuntime(options);
