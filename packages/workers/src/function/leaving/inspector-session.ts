// The inspector session of this process with itself, and the scripts that it knows. The list of scripts comes
// from best-effort coverage, which V8 answers without extra work (2 ms in a small program, about 30 ms with
// 5,000 scripts). The Debugger domain is used only for a script that coverage does not list. Both are read
// again only for a script that is not in the list yet.
import type { Session } from "node:inspector";
import { otherRuntime } from "../../executor/runtime.js";
import { inRoot } from "../../executor/root-context.js";

const scriptUrls = new Map<string, string>();
let session: Session | undefined;

/** The name of the script with that id. */
export function scriptUrl(scriptId: string): string {
  for (const list of [listCoveredScripts, listParsedScripts]) {
    if (scriptUrls.has(scriptId)) break;
    list();
  }
  return scriptUrls.get(scriptId) ?? "";
}

/** Fast, and changes nothing. Lacks scripts for whose functions V8 has no count. */
function listCoveredScripts(): void {
  const { result } = post<{ result: { scriptId: string; url: string }[] }>("Profiler.getBestEffortCoverage");
  for (const script of result) scriptUrls.set(script.scriptId, script.url);
}

/** Complete, and about ten times as slow the first time, because V8 hashes the source of each script. */
function listParsedScripts(): void {
  const listen = ({ params }: { params: { scriptId: string; url: string } }): void => void scriptUrls.set(params.scriptId, params.url);
  const on = connected();
  on.on("Debugger.scriptParsed", listen);
  try {
    post("Debugger.enable");
  } finally {
    // While the domain is on, every await of the program is slower.
    post("Debugger.disable");
    on.off("Debugger.scriptParsed", listen);
  }
}

/** An in-process session answers before `post` returns. */
export function post<T>(method: string, params: object = {}): T {
  let answer: { error: Error | null; result?: object | undefined } | undefined;
  connected().post(method, params, (error, result) => (answer = { error, result }));
  if (!answer) throw new Error(`the inspector did not answer ${method}`);
  if (answer.error) throw new Error(`${method}: ${answer.error.message}`);
  return answer.result as T;
}

/** The text of the script with that id, as V8 runs it. */
export function scriptSource(scriptId: string): string | undefined {
  try {
    post("Debugger.enable");
    return post<{ scriptSource: string }>("Debugger.getScriptSource", { scriptId }).scriptSource;
  } finally {
    post("Debugger.disable");
  }
}

/** The texts of the scripts of this thread with that name, as V8 runs them, oldest first. None without an inspector. */
export function scriptsAt(url: string): string[] {
  try {
    listParsedScripts();
    return [...scriptUrls].flatMap(([scriptId, each]) => (each === url ? [scriptSource(scriptId) ?? ""] : []));
  } catch {
    return [];
  }
}

/** The only session, opened at its first use. It does not keep the process alive. */
function connected(): Session {
  if (session) return session;
  if (otherRuntime !== undefined) throw new Error(`${otherRuntime} has no inspector that shows the variables of a function`);
  const inspector = process.getBuiltinModule("node:inspector") as typeof import("node:inspector") | undefined;
  if (!inspector?.Session) throw new Error("this runtime has no node:inspector");
  return (session = inRoot(() => {
    const opened = new inspector.Session();
    opened.connect();
    return opened;
  }));
}
