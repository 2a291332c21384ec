/** What a client may set: how it writes text and dates, and whether its terminal has colours. */
const ACCEPTED = /^(?:LANG|LC_[A-Z]+|TERM|COLORTERM|TZ)$/;
const LONGEST = 256;

/** Whether a client may set that variable: everything else of the environment is the app's. */
export function isAccepted(name: string, value: string): boolean {
  return ACCEPTED.test(name) && value.length <= LONGEST && !value.includes('\0');
}
