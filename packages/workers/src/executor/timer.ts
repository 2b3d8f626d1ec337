// Timers whose delay a user chooses: Node runs a timer at once whose delay is longer than it can count.

/** The longest delay of a timer: about 25 days. */
export const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** As `setTimeout`; a delay that is too long for a timer is the longest one instead, and a part of a millisecond a whole one. */
export function startTimer(ms: number, then: () => unknown): NodeJS.Timeout {
  return setTimeout(then, Math.min(Math.ceil(ms), LONGEST_DELAY_MS));
}
