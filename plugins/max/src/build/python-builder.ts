import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Builder, BuildStep } from './plan.ts';
import { PYTHON_DEPENDENCIES } from './python-dependencies.ts';
import { VENV } from './relocate-venv.ts';

/** Programs that start an app by their name alone, the first that is there. */
const PROGRAMS = ['main.py', 'app.py', 'server.py'] as const;

const PIP_FLAGS = ['--disable-pip-version-check', '--no-input'] as const;

/** Python apps: `requirements.txt` or `pyproject.toml`, with a program to start. */
export const pythonBuilder: Builder = {
  name: 'python',
  looksFor: `a requirements.txt or pyproject.toml with a ${PROGRAMS.join(', ')} beside it`,
  async detect(folder) {
    const source = await requirementsOf(folder);
    if (source === undefined) return undefined;
    for (const program of PROGRAMS) {
      if (!(await exists(join(folder, program)))) continue;
      return {
        builder: `python: ${source}`,
        reason: `it has a ${source}, and it starts with ${program}`,
        steps: await pythonSteps(folder),
        processes: { web: { kind: 'command', command: `python ${program}` } },
      };
    }
    return undefined;
  },
};

/** The steps that make a Python app ready: a virtual environment with what it needs. */
export async function pythonSteps(folder: string): Promise<BuildStep[]> {
  const source = await requirementsOf(folder);
  if (source === undefined) return [];
  const wanted = source === 'requirements.txt' ? ['-r', source] : await projectOf(folder);
  // What a project needs and what it is are installed as one: any of its files may count.
  const cached = source === 'requirements.txt' && { installs: PYTHON_DEPENDENCIES };
  // One that came with the tree is of another folder, and perhaps of another machine.
  const steps: BuildStep[] = [{ command: ['python3', '-m', 'venv', '--clear', VENV], ...cached }];
  if (wanted !== undefined)
    steps.push({ command: [`./${VENV}/bin/python`, '-m', 'pip', 'install', ...PIP_FLAGS, ...wanted], ...cached });
  return steps;
}

async function requirementsOf(folder: string): Promise<'requirements.txt' | 'pyproject.toml' | undefined> {
  if (await exists(join(folder, 'requirements.txt'))) return 'requirements.txt';
  return (await exists(join(folder, 'pyproject.toml'))) ? 'pyproject.toml' : undefined;
}

/** A `pyproject.toml` may hold the settings of tools alone: then there is nothing to install. */
async function projectOf(folder: string): Promise<string[] | undefined> {
  const text = await readFile(join(folder, 'pyproject.toml'), 'utf8');
  return /^\s*\[(?:project|tool\.poetry|build-system)\]/m.test(text) ? ['.'] : undefined;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}
