// Asks V8 about a function of this very process, through an inspector session opened in it: where the
// function was defined, and which URL that script has. Synchronous. The list of scripts comes from
// best-effort coverage, which V8 answers from what it knows anyway (2 ms in a small program, some 30 ms
// with 5,000 scripts), and only for a script that is missing there from the Debugger domain; either is
// asked again only for a script that is not yet listed.
import type { Runtime, Session } from "node:inspector";

/** Where a function was defined. */
export interface FunctionLocation {
  readonly scriptId: string;
  /** What the script is called: a URL, a path, any name, or empty for code made by eval. */
  readonly url: string;
  /** Counted from zero. */
  readonly line: number;
  /** Counted from zero. */
  readonly column: number;
  /** Whether it was defined in an ECMAScript module, and not in CommonJS, a script, or eval. */
  readonly inModule: boolean;
}

const objectGroup = "offloop";
const slotName = "__offloopInspected";
const scriptUrls = new Map<string, string>();
let session: Session | undefined;

/**
 * Where `fn` was defined.
 * @returns undefined for a function without JavaScript source: native or bound
 * @throws Error where this runtime has no inspector
 */
export function locateDefinition(fn: object): FunctionLocation | undefined {
  session ??= connect();
  try {
    const internals = internalProperties(session, fn);
    const location = internals.get("[[FunctionLocation]]")?.value as { scriptId: string; lineNumber: number; columnNumber?: number } | undefined;
    if (!location) return undefined;
    return {
      scriptId: location.scriptId,
      url: scriptUrl(session, location.scriptId),
      line: location.lineNumber,
      column: location.columnNumber ?? 0,
      inModule: scopeNames(session, internals.get("[[Scopes]]")).includes("Module"),
    };
  } finally {
    post(session, "Runtime.releaseObjectGroup", { objectGroup });
  }
}

function connect(): Session {
  const inspector = process.getBuiltinModule("node:inspector") as typeof import("node:inspector") | undefined;
  if (!inspector?.Session) throw new Error("this runtime has no node:inspector");
  const opened = new inspector.Session();
  opened.connect();
  return opened;
}

/** The inspector evaluates in the main context; under Jest and the like this code runs in another one. */
function mainGlobal(): Record<string, unknown> {
  return process.getBuiltinModule("node:vm").runInThisContext("globalThis") as Record<string, unknown>;
}

function internalProperties(on: Session, fn: object): Map<string, Runtime.RemoteObject> {
  const scope = mainGlobal();
  Object.defineProperty(scope, slotName, { value: fn, configurable: true });
  try {
    const { result } = post<Runtime.EvaluateReturnType>(on, "Runtime.evaluate", { expression: `globalThis.${slotName}`, objectGroup });
    const found = properties(on, result);
    return new Map((found.internalProperties ?? []).flatMap(({ name, value }) => (value ? [[name, value] as const] : [])));
  } finally {
    delete scope[slotName];
  }
}

function scopeNames(on: Session, scopes: Runtime.RemoteObject | undefined): string[] {
  if (!scopes) return [];
  return properties(on, scopes).result.map(({ value }) => (value?.description ?? "").split(" ", 1)[0] ?? "");
}

function properties(on: Session, object: Runtime.RemoteObject): Runtime.GetPropertiesReturnType {
  return post(on, "Runtime.getProperties", { objectId: object.objectId, ownProperties: true });
}

function scriptUrl(on: Session, scriptId: string): string {
  for (const list of [listCoveredScripts, listParsedScripts]) {
    if (scriptUrls.has(scriptId)) break;
    list(on);
  }
  return scriptUrls.get(scriptId) ?? "";
}

/** Quick, and changes nothing; but it lacks the scripts of whose functions V8 has no count at all. */
function listCoveredScripts(on: Session): void {
  const { result } = post<{ result: { scriptId: string; url: string }[] }>(on, "Profiler.getBestEffortCoverage");
  for (const script of result) scriptUrls.set(script.scriptId, script.url);
}

/** Complete, and about ten times as slow the first time: V8 hashes the source of each script. */
function listParsedScripts(on: Session): void {
  const listen = ({ params }: { params: { scriptId: string; url: string } }): void => void scriptUrls.set(params.scriptId, params.url);
  on.on("Debugger.scriptParsed", listen);
  try {
    post(on, "Debugger.enable");
  } finally {
    // While the domain is on, every await of the program is slower.
    post(on, "Debugger.disable");
    on.off("Debugger.scriptParsed", listen);
  }
}

/** An in-process session answers before `post` returns. */
function post<T>(on: Session, method: string, params: object = {}): T {
  let answer: { error: Error | null; result?: object | undefined } | undefined;
  on.post(method, params, (error, result) => (answer = { error, result }));
  if (!answer) throw new Error(`the inspector did not answer ${method}`);
  if (answer.error) throw new Error(`${method}: ${answer.error.message}`);
  return answer.result as T;
}
