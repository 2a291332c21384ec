import { ExitCode, isRigError, type RigError, type Services } from '@rig/plugin-api';
import type { Session, SessionEnd } from '@rig/plugin-api/max';
import { sessionGone } from './errors.ts';

/** Milliseconds for Max's answer: a person waits for the terminal to be theirs again. */
const answerMs = 5000;

/** Asks Max how a session ended whose channel failed; gives the error where it did not end, or cannot be asked about. */
export async function explainEnding(
  services: Pick<Services, 'http'>,
  session: Session,
  error: unknown,
): Promise<{ end: SessionEnd } | { error: unknown }> {
  if (!isRigError(error) || error.exitCode === ExitCode.Interrupted) return { error };
  try {
    const http = await services.http();
    const { end } = await http.get<Session>(`/v1/sessions/${session.id}`, { timeout: answerMs });
    return end === null ? { error } : { end };
  } catch (cause) {
    return { error: isRigError(cause) && isGone(cause) ? sessionGone(session, cause) : error };
  }
}

/** Whether Max does not know it, or knows only that it has ended. */
export function isGone({ exitCode }: RigError): boolean {
  return exitCode === ExitCode.NotFound || exitCode === ExitCode.Conflict;
}
