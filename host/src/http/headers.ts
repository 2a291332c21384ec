import { validateHeaderName, validateHeaderValue } from 'node:http';
import { ExitCode, RigError } from '@rig/plugin-api';

/** What only rig itself may set: who asks, whom, and how the message is framed. */
const OWN = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'host',
  'connection',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Puts header names in lower case and refuses what is the host's alone or cannot be sent.
 *
 * @param whose names who set them, e.g. `a tap of http:request`
 * @throws RigError `RIG_HEADER_REFUSED` (8): names the header, never its value
 */
export function checkHeaders(headers: Record<string, string>, whose: string): Record<string, string> {
  const checked: Record<string, string> = {};
  for (const [given, value] of Object.entries(headers)) {
    const name = given.toLowerCase();
    if (OWN.has(name)) throw refused(whose, name, "it is rig's own");
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch {
      throw refused(whose, name, 'its name or value has characters that a header cannot have');
    }
    checked[name] = value;
  }
  return checked;
}

const refused = (whose: string, name: string, why: string): RigError =>
  new RigError({
    code: 'RIG_HEADER_REFUSED',
    message: `${whose} sets the header ${JSON.stringify(name)}, which is refused: ${why}`,
    hint: 'see which plugins take part with: rig plugins list',
    exitCode: ExitCode.Plugin,
  });
