// The names that functions of a bundle have in their sources. A source map gives the name of an identifier at its position
// in the compiled file, so the identifier by which the function is declared is looked up there.
import type { RawFrame } from "../protocol/messages.js";
import { pathOf } from "./frames.js";
import { compiledLine, nameAt } from "./source-maps.js";

/** An identifier at the end of a text: of a variable or a property that the function is assigned to. */
const ASSIGNED = /([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*[=:]\s*(?:async\s*)?(?:\(\s*)?$/u;

/** An identifier at the start of a text: of a function declaration. */
const DECLARED = /^(?:async\s+)?(?:function\s*\*?\s*|\*?\s*)?([\p{ID_Start}$_][\p{ID_Continue}$]*)/u;

const known = new WeakMap<RawFrame, RawFrame>();

/** A sample whose frames have the names of their sources, where a source map has them. */
export function withOriginalNames<T extends { readonly frames: readonly RawFrame[] }>(sample: T): T {
  return { ...sample, frames: sample.frames.map(withOriginalName) };
}

function withOriginalName(frame: RawFrame): RawFrame {
  if (frame.start === undefined || frame.function === "" || frame.mapped === true) return frame;
  let named = known.get(frame);
  if (named === undefined) {
    const name = originalName(pathOf(frame.file), frame.start, frame.function);
    named = name === undefined ? frame : { ...frame, function: name };
    // A map of a loader may come later.
    if (name !== undefined) known.set(frame, named);
  }
  return named;
}

function originalName(file: string, [line, column]: readonly [number, number], shown: string): string | undefined {
  const text = compiledLine(file, line);
  if (text === undefined) return undefined;
  const parts = shown.split(".");
  const own = parts.pop()!;
  const declared = declarationOf(own, text, column - 1);
  const name = declared < 0 ? own : (nameAt(file, line, declared + 1) ?? own);
  const owner = parts.map((part) => classNameOf(part, text, column - 1, (at) => nameAt(file, line, at + 1)) ?? part);
  const full = [...owner, name].join(".");
  return full === shown ? undefined : full;
}

/** The index of the identifier by which the function that starts at `at` is declared; -1: it is not there. */
function declarationOf(name: string, text: string, at: number): number {
  const declared = DECLARED.exec(text.slice(at, at + 40 + name.length));
  if (declared?.[1] === name) return at + declared[0].length - name.length;
  const before = text.slice(Math.max(0, at - 40 - name.length), at);
  const assigned = ASSIGNED.exec(before);
  return assigned?.[1] === name ? at - before.length + assigned.index : -1;
}

/** The source's name of the nearest class before `at` that is called `name`. */
function classNameOf(name: string, text: string, at: number, original: (at: number) => string | undefined): string | undefined {
  const escaped = name.replaceAll("$", "\\$");
  const found = [...text.slice(0, at).matchAll(new RegExp(`\\bclass\\s+(${escaped})(?![\\w$])|(?<![\\w$.])(${escaped})=class\\b`, "g"))].at(-1);
  if (found === undefined) return undefined;
  return original(found.index + (found[1] === undefined ? 0 : found[0].length - name.length));
}
