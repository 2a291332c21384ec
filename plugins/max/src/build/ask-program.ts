import { execa } from 'execa';

/** Runs a program of the system that says something short of itself; `undefined` where it does not. */
export async function askProgram(
  file: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<string | undefined> {
  const options = { env, extendEnv: false, stdin: 'ignore', reject: false, timeout: 10_000 } as const;
  const { failed, stdout } = await execa(file, args, options);
  return failed || stdout.trim() === '' ? undefined : stdout.trim();
}
