// cancelThrough(): passes a cancellation on along a chain of waits: from a task to the future that it awaits, and from
// gather() to its children. It keeps its own stack, so a chain of 100,000 tasks does not overflow the engine's stack.
//
//   cancel() ─▶ begin ─▶ each part, and its parts … ─▶ end(told)       told: a part has accepted the cancellation
import type { CancelSource } from "../loop/strand.js";

/** One cancellation on its way through a future. */
export interface CancelPass {
  /** The futures to which the cancellation is passed on. Read while the parts are cancelled. */
  readonly parts: Iterator<CancelSource>;
  /** All parts have been cancelled. @param told whether one has accepted @returns the result of `cancel()` */
  end(told: boolean): boolean;
  /** A part threw, and `end` is not called. */
  abandon?(): void;
}

/** A future that passes a cancellation on. */
interface CancelPasser extends CancelSource {
  /** Begins a cancellation; `undefined`: there is nothing to cancel. */
  beginCancel(message: unknown): CancelPass | undefined;
  /** Whether its `cancel()` only calls cancelThrough(), and is not overridden by a subclass. */
  readonly passesCancel: boolean;
}

interface Level {
  readonly pass: CancelPass;
  told: boolean;
}

/** Passes a cancellation on to all parts, and their parts. @returns the result of the first `cancel()` */
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
