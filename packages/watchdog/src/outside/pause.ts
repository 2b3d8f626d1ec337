// Pauses JavaScript that holds the main thread, and reads its frames with their values. The thread goes on afterwards.
import type { RawFrame } from "../protocol/messages.js";
import type { InspectorClient } from "./inspector-client.js";
import { type RemoteObject, valueText } from "./values.js";

/** A frame with its values. */
export interface PausedFrame extends RawFrame {
  readonly values: Readonly<Record<string, string>> | undefined;
}

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly location: { readonly scriptId: string; readonly lineNumber: number; readonly columnNumber?: number };
  readonly scopeChain: readonly { readonly type: string; readonly object: RemoteObject }[];
}

/** Milliseconds until code counts as one that does not pause. The loop is held anyway, and a busy machine is given that time. */
const PAUSE_MS = 2_000;

/** The number of the innermost frames of the program whose values are read. */
const WITH_VALUES = 3;

const MOST_VALUES = 20;

/** Returns the frames, innermost first; `undefined`: the code did not pause. @param isOfProgram whether the values of a frame in a file are read */
export async function pausedFrames(client: InspectorClient, isOfProgram: (file: string) => boolean): Promise<PausedFrame[] | undefined> {
  const urls = new Map<string, string>();
  client.on<{ scriptId: string; url: string }>("Debugger.scriptParsed", ({ scriptId, url }) => urls.set(scriptId, url));
  let timer: NodeJS.Timeout | undefined;
  let isOurs = false;
  let giveUp = (): void => {};
  const paused = new Promise<readonly CallFrame[] | undefined>((resolve) => {
    client.on<{ callFrames: readonly CallFrame[] }>("Debugger.paused", ({ callFrames }) => resolve(callFrames));
    giveUp = () => resolve(undefined);
  });
  try {
    await client.ask("Debugger.enable");
    isOurs = true;
    await client.ask("Debugger.pause");
    timer = setTimeout(giveUp, PAUSE_MS);
    const frames = await paused;
    return frames === undefined ? undefined : await describeAll(client, frames, urls, isOfProgram);
  } finally {
    clearTimeout(timer);
    if (isOurs) await client.ask("Debugger.disable"); // resumes, or takes the request back
  }
}

async function describeAll(client: InspectorClient, frames: readonly CallFrame[], urls: ReadonlyMap<string, string>, isOfProgram: (file: string) => boolean): Promise<PausedFrame[]> {
  let left = WITH_VALUES;
  const described: PausedFrame[] = [];
  for (const { functionName, url, location, scopeChain } of frames) {
    const file = url === "" ? (urls.get(location.scriptId) ?? "") : url;
    const reads = left > 0 && isOfProgram(file);
    if (reads) left -= 1;
    described.push({ file, line: location.lineNumber + 1, column: (location.columnNumber ?? 0) + 1, function: functionName, async: false, values: reads ? await valuesOf(client, scopeChain) : undefined });
  }
  return described;
}

/** The values of the scopes within the function, the innermost scope first. */
async function valuesOf(client: InspectorClient, scopes: CallFrame["scopeChain"]): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const { type, object } of scopes) {
    if (type === "closure" || type === "script" || type === "module" || type === "global") break;
    const { result } = await client.ask<{ result: readonly { readonly name: string; readonly value?: RemoteObject }[] }>("Runtime.getProperties", { objectId: object.objectId, ownProperties: true, generatePreview: true });
    for (const { name, value } of result) {
      if (Object.keys(values).length >= MOST_VALUES) return values;
      if (value !== undefined && value.type !== "undefined" && name !== "arguments" && !Object.hasOwn(values, name)) values[name] = valueText(value);
    }
  }
  return values;
}
