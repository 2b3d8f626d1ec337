// cancelThrough(): a cancellation travels along what waits for what: from a task to the future that it awaits, from
// gather() to its children. It keeps a stack of its own, so a chain of 100,000 tasks does not overflow the engine's.
//
//   cancel() ─▶ begin ─▶ each part, and its parts … ─▶ end(told)       told: a part said that it will be cancelled
import type { CancelSource } from "../loop/strand.js";

/** One cancellation of something that passes it on. */
export interface CancelPass {
  /** What the cancellation goes on to. Read while the parts are cancelled. */
  readonly parts: Iterator<CancelSource>;
  /** All parts were told. @returns what `cancel()` returns */
  end(told: boolean): boolean;
  /** A part threw: `end` is not called. */
  abandon?(): void;
}

/** What passes a cancellation on. */
export interface CancelPasser extends CancelSource {
  /** `undefined`: there is nothing to cancel. */
  beginCancel(message: unknown): CancelPass | undefined;
  /** Whether its `cancel()` is cancelThrough() alone, and not that of a subclass. */
  readonly passesCancel: boolean;
}

interface Level {
  readonly pass: CancelPass;
  told: boolean;
}

export function cancelThrough(first: CancelPass | undefined, message: unknown): boolean {
  if (first === undefined) return false;
  const levels: Level[] = [{ pass: first, told: false }];
  try {
    for (;;) {
      const level = levels.at(-1)!;
      const next = level.pass.parts.next();
      if (next.done === true) {
        const told = level.pass.end(level.told);
        levels.pop();
        if (levels.length === 0) return told;
        levels.at(-1)!.told ||= told;
      } else if (isPasser(next.value)) {
        const pass = next.value.beginCancel(message);
        if (pass !== undefined) levels.push({ pass, told: false });
      } else if (next.value.cancel(message)) level.told = true;
    }
  } catch (error) {
    for (const { pass } of levels) pass.abandon?.();
    throw error;
  }
}

function isPasser(source: CancelSource): source is CancelPasser {
  return (source as Partial<CancelPasser>).passesCancel === true;
}
