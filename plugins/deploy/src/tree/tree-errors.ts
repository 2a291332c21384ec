import { ExitCode, RigError } from '@rig/plugin-api';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'you are not allowed to read it',
  EPERM: 'you are not allowed to read it',
  ENOENT: 'it is gone',
  EIO: 'the disk gives an error',
  EMFILE: 'too many files are open',
  ELOOP: 'its symlinks go round in circles',
};

/** A file or folder of the tree that cannot be read. */
export function unreadable(path: string, error: unknown): RigError {
  const { code } = error as NodeJS.ErrnoException;
  // A name that is not UTF-8 is read with this character in it, and is then no name that the system knows.
  if (code === 'ENOENT' && path.includes('\ufffd')) return unreadableName(path, error);
  return new RigError({
    code: 'RIG_UNREADABLE',
    message: `cannot read ${path}: ${(code !== undefined && REASONS[code]) || (error as Error).message}`,
    hint: 'make it readable, or leave it out by a line in .rigignore',
    details: { path },
    cause: error,
  });
}

function unreadableName(path: string, cause: unknown): RigError {
  return new RigError({
    code: 'RIG_UNREADABLE',
    message: `cannot read ${path}: its name is not valid UTF-8`,
    hint: 'rename it, or leave it out by a line in .rigignore, with * for what is not shown here',
    details: { path },
    cause,
  });
}

/** A file that was written to while it was read or sent. */
export function fileChanged(path: string): RigError {
  return new RigError({
    code: 'RIG_FILE_CHANGED',
    message: `${path} changed while it was being deployed; nothing was released`,
    hint: 'deploy again when nothing writes to it, or leave it out by a line in .rigignore',
    details: { path },
  });
}

/** A symlink that points out of the tree. */
export function symlinkEscapes(path: string, target: string): RigError {
  return new RigError({
    code: 'RIG_SYMLINK_ESCAPES',
    message: `the symlink ${path} points to ${target}, which is outside of the deployed folder`,
    hint: 'copy what it points to into the folder, or leave it out by a line in .rigignore',
    details: { path, target },
  });
}

/** A name that no path in Max may have. */
export function badPath(path: string): RigError {
  return new RigError({
    code: 'RIG_BAD_PATH',
    message: `${JSON.stringify(path)} has a backslash in its name, which no path in Max may have`,
    hint: 'rename it, or leave it out by a line in .rigignore',
    details: { path },
  });
}

/** `api`, `api.shop`: somebody may have meant the app, as with other commands. */
const looksLikeApp = (path: string): boolean => /^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)?$/.test(path);

/** The folder to deploy is not there. */
export function pathNotFound(path: string): RigError {
  return new RigError({
    code: 'RIG_PATH_NOT_FOUND',
    message: `there is no folder ${path}`,
    hint: `name the folder with the code: rig deploy PATH${looksLikeApp(path) ? `; or the app: rig deploy --app ${path}` : ''}`,
    exitCode: ExitCode.NotFound,
    details: { path },
  });
}

/** What should be deployed is no folder. */
export function pathNotFolder(path: string): RigError {
  return new RigError({
    code: 'RIG_PATH_NOT_FOLDER',
    message: `${path} is not a folder`,
    hint: 'name the folder with the code: rig deploy PATH',
    exitCode: ExitCode.Usage,
    details: { path },
  });
}

/** Nothing would go up. */
export function pathEmpty(path: string, ignored: boolean): RigError {
  return new RigError({
    code: 'RIG_PATH_EMPTY',
    message: ignored
      ? `every file in ${path} is ignored: nothing to deploy`
      : `${path} has no files: nothing to deploy`,
    hint: ignored
      ? 'look at .rigignore or .gitignore; .git, node_modules and .env* never go up'
      : 'name the folder with the code: rig deploy PATH',
    exitCode: ExitCode.Usage,
    details: { path },
  });
}
