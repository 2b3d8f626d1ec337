// V8 interrupts code where it calls a function or repeats a loop. A sample of a call shows the called function at its
// first position, in which it has taken no time yet. The time before was its caller's.
import type { RawFrame } from "../protocol/messages.js";
import { originOf, pathOf } from "./frames.js";

/** What can stand between the start of a function and its parameters, with `f` for its name. */
const beginnings = ["", "f", "function", "function ", "function f", "function* f", "async f", "async function f", "async function* f", "*f", "get f", "set f", "static f", "static async f"];

/** The frames without a function that was just entered, if another one of the program or of a dependency called it. */
export function withoutEntered(frames: readonly RawFrame[]): readonly RawFrame[] {
  const [top, ...callers] = frames;
  if (!top || !isEntered(top)) return frames;
  return callers.some(({ file, async }) => !async && originOf(pathOf(file)) !== "node") ? callers : frames;
}

function isEntered({ line, column, start, mapped, function: name }: RawFrame): boolean {
  if (mapped === true || start === undefined || line !== start[0]) return false;
  const own = name.split(".").at(-1) ?? "";
  return beginnings.some((text) => column - start[1] === text.replace(/f$/, own).length);
}
