import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ProcessPlan } from '../build/plan.ts';

/** The command line of a process, run in the release's folder. */
export function startCommand(plan: ProcessPlan, folder: string): string[] {
  return plan.kind === 'static' ? [...fileServerCommand(), folder] : ['/bin/sh', '-c', execForm(plan.command)];
}

/**
 * Makes a shell command replace its shell, so that signals reach the program itself. A command of several programs keeps its
 * shell: Max signals the whole group anyway.
 */
export function execForm(command: string): string {
  if (
    /[;&|<>()`\n]|\$\(|^\s*(?:exec|cd|if|for|while|case|until|\{|!|\.|source|export|set|eval|umask|ulimit)\b/.test(
      command,
    )
  )
    return command;
  const [, assignments = '', program = ''] =
    /^\s*((?:[A-Za-z_]\w*=(?:"[^"]*"|'[^']*'|[^\s"']*)\s+)*)(.*)$/s.exec(command) ?? [];
  return program === '' || /^[A-Za-z_]\w*=/.test(program) ? command : `${assignments}exec ${program}`;
}

/** Max's file server is a program of its own, beside this one once bundled; run from source it needs tsx. */
function fileServerCommand(): string[] {
  const bundled = fileURLToPath(new URL('./static.js', import.meta.url));
  if (existsSync(bundled)) return [process.execPath, bundled];
  const source = fileURLToPath(new URL('../static/main.ts', import.meta.url));
  return [process.execPath, '--import', import.meta.resolve('tsx'), source];
}
