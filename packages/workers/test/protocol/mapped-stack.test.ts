// The frames of functions that travelled as code, under a program that maps its stacks by a function of its own, as Jest
// and ts-node do.
import { createRequire } from "node:module";
import { filesMappedHere, mappedStack } from "#workers/protocol/mapped-stack.js";
import { afterEach, expect, it } from "vitest";

const { prepareStackTrace } = Error;
afterEach(() => {
  Error.prepareStackTrace = prepareStackTrace as NonNullable<typeof prepareStackTrace>;
});

/** Formats as source-map-support does: it copies each frame with the methods of its prototype. */
function format(map: (file: string, line: number, column: number) => string): (error: Error, sites: NodeJS.CallSite[]) => string {
  return (error, sites) => {
    const lines = sites.map((site) => {
      const copy: Record<string, () => unknown> = {};
      for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(site))) copy[name] = (site as unknown as Record<string, () => unknown>)[name]!;
      if (copy["isNative"]!() === true || copy["isEval"]!() === true) return String(site);
      return map(String(copy["getFileName"]!()), Number(copy["getLineNumber"]!()), Number(copy["getColumnNumber"]!()));
    });
    return `${String(error)}${lines.map((line) => `\n    at ${line}`).join("")}`;
  };
}

const stack = "Error: x\n    at fails (file:///app/work.js:18:11)\n    at node:internal/x:3:4\n    at /app/other.js:5:6";

it("gets the positions that the program writes", () => {
  Error.prepareStackTrace = format((file, line, column) => (file === "/app/work.js" ? `fails (/app/src/work.ts:${line - 4}:${column - 2})` : `${file}:${line}:${column}`));
  expect(mappedStack(stack)).toBe("Error: x\n    at fails (/app/src/work.ts:14:9)\n    at node:internal/x:3:4\n    at /app/other.js:5:6");
});

it("keeps the positions of files that are mapped already", () => {
  Error.prepareStackTrace = format((file, line, column) => `${file}:${line + 1}:${column}`);
  const mapped = mappedStack(stack, ["file:///app/work.js"]);
  Error.prepareStackTrace = prepareStackTrace as NonNullable<typeof prepareStackTrace>;
  expect(mapped).toBe("Error: x\n    at fails (file:///app/work.js:18:11)\n    at node:internal/x:3:4\n    at /app/other.js:6:6");
});

it("maps the files that this side has required, and no others", () => {
  Error.prepareStackTrace = undefined as never;
  expect(filesMappedHere(stack)).toBeUndefined();
  Error.prepareStackTrace = format((file, line, column) => `${file}:${line}:${column}`);
  const { cache } = createRequire(import.meta.url);
  cache["/app/work.js"] = {} as NodeModule;
  expect(filesMappedHere(stack)).toEqual(["file:///app/work.js"]);
  delete cache["/app/work.js"];
});

it.each([
  ["throws", () => { throw new Error("no"); }],
  ["gives no text", () => [1]],
  ["gives a text without positions", () => "Error: x"],
])("keeps the stack if the function %s", (_what, prepare) => {
  Error.prepareStackTrace = prepare;
  expect(mappedStack(stack)).toBe(stack);
});

it("asks Node's own function for nothing", () => {
  let asked = 0;
  Error.prepareStackTrace = function ErrorPrepareStackTrace() { asked += 1; return ""; };
  expect([mappedStack(stack), filesMappedHere(stack), asked]).toEqual([stack, undefined, 0]);
});

it("keeps the stack without such a function", () => {
  Error.prepareStackTrace = undefined as never;
  expect(mappedStack(stack)).toBe(stack);
});
