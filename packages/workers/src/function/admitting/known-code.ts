// Recognizes the code of a function in texts that this side knows: code that it sent, and given modules. A thread searches
// the large ones.
import type { FunctionCode } from "../../protocol/function-payload.js";
import { scriptsAt } from "../leaving/inspector-session.js";
import { findFunction } from "./find-function.js";
import { type GivenModules, textOf } from "./given-modules.js";
import { findInThread } from "./search-thread.js";

/** The longest text that this thread searches, in characters. Its first search takes about 0.3 ms for 1,000 characters. */
const MAX_LENGTH = 50_000;

/**
 * The code as this side reads it, if a text that the worker was given has a function with exactly this code.
 * @throws WorkerStartError no thread can search a large text
 */
export async function knownCode(code: FunctionCode, given: GivenModules): Promise<FunctionCode | undefined> {
  for (const sent of given.code) {
    if (sent.url !== code.url) continue;
    const found = await find(sent.code, code);
    if (found !== undefined) return found;
  }
  if (!given.has(code.url)) return undefined;
  const searched = new Set<string | undefined>([undefined]);
  for (const read of [textOf, ...loadedTexts, withoutTypes]) {
    const text = read(code.url);
    const found = searched.has(text) ? undefined : await find(text!, code, code.line);
    if (found !== undefined) return found;
    searched.add(text);
  }
  return undefined;
}

const find = (text: string, code: FunctionCode, line?: number): FunctionCode | undefined | Promise<FunctionCode | undefined> =>
  (text.length > MAX_LENGTH ? findInThread : findFunction)(text, code, line);

/** The text that V8 runs on this thread, which a loader may have made of the file. */
const loadedTexts = [(url: string): string | undefined => scriptsAt(url).at(-1)];

/** TypeScript as Node runs it. */
function withoutTypes(url: string): string | undefined {
  const { stripTypeScriptTypes } = process.getBuiltinModule("node:module") as { stripTypeScriptTypes?: (text: string) => string };
  const text = /\.[mc]?ts$/.test(url) ? textOf(url) : undefined;
  if (stripTypeScriptTypes === undefined || text === undefined) return undefined;
  const { emitWarning } = process;
  try {
    process.emitWarning = () => {}; // it says that this function is experimental, which the user cannot change
    return stripTypeScriptTypes(text);
  } catch {
    return undefined;
  } finally {
    process.emitWarning = emitWarning;
  }
}
