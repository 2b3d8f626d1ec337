// Recognises functions that `new Function` has made. Their text says everything: no variable is around them but
// globals. So no inspector is asked, which would list every script of the program for each of them.
import type { FunctionLocation } from "./function-location.js";
import { readFunction } from "./source/function-syntax.js";
import { functionName } from "../../executor/text-of.js";

/** The text that the constructors of functions give to what they make. */
const SHAPE = /^(?:async )?function\*? anonymous\([^]*\n\) \{\n/;

/**
 * The globals that no module declares anew. A module may hold a function that was written down in this shape, as compilers
 * of templates do, and may have its own `escape` or `Buffer`.
 */
const LANGUAGE =
  /^(?:undefined|NaN|Infinity|globalThis|arguments|Math|JSON|Object|Function|Array|String|Number|Boolean|BigInt|Symbol|Date|RegExp|Map|Set|WeakMap|WeakSet|WeakRef|Promise|Reflect|Proxy|Intl|Atomics|ArrayBuffer|SharedArrayBuffer|DataView|(?:Big)?(?:Int|Uint|Float)\d+(?:Clamped)?Array|(?:Aggregate|Eval|Range|Reference|Syntax|Type|URI)?Error|parseInt|parseFloat|isNaN|isFinite|(?:en|de)codeURI(?:Component)?)$/;

/** Only programs that create code at run time have so many texts. */
const MAX_TEXTS = 5_000;

/** Whether a function of the text has no variables around it. */
const generated = new Map<string, boolean>();

/** Where `fn` was defined, if it was made by `new Function`; `undefined` if it was not, or if the inspector must find out. */
export function locateGenerated(fn: object): FunctionLocation | undefined {
  const text = textOf(fn);
  if (text === undefined) return undefined;
  if (!generated.has(text)) note(text, usesOnlyTheLanguage(text));
  return generated.get(text) ? { scriptId: `new Function ${text}`, url: "", line: 0, column: text.indexOf("("), inModule: false, generated: true } : undefined;
}

/** Remembers that the inspector has found nothing around `fn`. The next function of this text is not examined. */
export function noteGenerated(fn: object): void {
  const text = textOf(fn);
  if (text !== undefined) note(text, true);
}

function note(text: string, is: boolean): void {
  if (generated.size >= MAX_TEXTS) generated.delete(generated.keys().next().value as string);
  generated.set(text, is);
}

/** The text of a function that looks generated. */
function textOf(fn: object): string | undefined {
  if (typeof fn !== "function" || functionName(fn) !== "anonymous") return undefined;
  const text = Function.prototype.toString.call(fn);
  return SHAPE.test(text) ? text : undefined;
}

function usesOnlyTheLanguage(text: string): boolean {
  try {
    return [...readFunction(text, false).free.keys()].every((name) => LANGUAGE.test(name));
  } catch {
    return false; // the parser does not know its syntax, or could not be loaded
  }
}
