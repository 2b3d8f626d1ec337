// Functions between two sides that keep their modules at different places.
import { channel } from "node:diagnostics_channel";
import { FunctionTravelError, type CallEvent, type PoolOptions } from "@offloop/workers";
import { arriving, leaving, modulesBelow, type TravelRules } from "@offloop/workers/pool";
import { afterEach, expect, it } from "vitest";
import { rejection } from "../contract/executors.js";
import * as calls from "../fixtures/calls.mjs";
import * as served from "../fixtures/served.mjs";
import { SocketExecutor } from "./lines.js";

const entry = new URL("../fixtures/socket-worker.mjs", import.meta.url);
const here = modulesBelow(new URL("../fixtures/", import.meta.url));
const made: SocketExecutor[] = [];
afterEach(() => Promise.all(made.splice(0).map((each) => each.shutdown({ timeoutMs: 0 }))));
function make(travel: TravelRules = here, options: PoolOptions = { maxWorkers: 1 }): SocketExecutor {
  const executor = new SocketExecutor(entry, travel, options);
  made.push(executor);
  return executor;
}

it("a function is found in the module that the worker has under the same name", async () => {
  const executor = make();
  expect(await executor.submit(served.whose)).toBe("the worker's");
  expect(await executor.submit({ module: new URL("../fixtures/served.mjs", import.meta.url).href, export: "whose" } as never)).toBe("the worker's");
});

it("fromThread finds the caller's module under the same name", async () => {
  expect(await make().submit(served.asksCaller)).toBe("the caller's");
});

it("setup modules are sent by their names too", async () => {
  const executor = make(here, { maxWorkers: 1, setup: new URL("../fixtures/served.mjs", import.meta.url), setupData: 7 });
  expect(await executor.submit(served.whose)).toBe("the worker's");
  const outside = make(here, { maxWorkers: 1, setup: new URL("../contract/executors.ts", import.meta.url) });
  const error = await rejection(outside.submit(served.whose));
  expect(error.cause).toBeInstanceOf(FunctionTravelError);
});

it("the caller's rules refuse a module before anything is sent", async () => {
  const executor = make(modulesBelow(new URL("../fixtures/elsewhere/", import.meta.url)));
  const error = await rejection(executor.submit(served.whose));
  expect(error).toBeInstanceOf(FunctionTravelError);
  expect(error.message).toMatch(/fixtures\/served\.mjs is no module below .*elsewhere/);
});

it("the worker's rules refuse a module before it is imported", async () => {
  const lying: TravelRules = { code: "run", nameOf: () => "../calls.mjs", urlOf: here.urlOf };
  expect((await rejection(make(lying).submit(calls.add, 1, 2))).message).toMatch(/\.\.\/calls\.mjs is no module below .*elsewhere/);
  const builtin: TravelRules = { code: "run", nameOf: (url) => url, urlOf: here.urlOf };
  expect(await rejection(make(builtin).submit({ module: "node:os", export: "hostname" } as never))).toBeInstanceOf(FunctionTravelError);
  expect(await rejection(make(builtin).submit(Math.max as never))).toBeInstanceOf(FunctionTravelError);
});

it("code is refused on both sides", async () => {
  const factor = Number("3");
  const error = await rejection(make().submit((x: number) => x * factor, 2));
  expect(error).toBeInstanceOf(FunctionTravelError);
  expect(error.message).toContain("only functions that a module exports");
  const open: TravelRules = { code: "run", nameOf: () => "served.mjs", urlOf: here.urlOf };
  expect((await rejection(make(open).submit((x: number) => x * factor, 2))).message).toContain("only functions that a module exports");
});

it("the executor and its events have the name of the kind", async () => {
  const seen: string[] = [];
  const listen = (event: unknown): void => void seen.push((event as CallEvent).executor);
  channel("offloop:call:submitted").subscribe(listen);
  const executor = make();
  await executor.submit(served.whose);
  channel("offloop:call:submitted").unsubscribe(listen);
  expect([executor.kind, executor.with({ priority: 1 }).kind, ...seen]).toEqual(["socket", "socket", "socket"]);
});

it("the rules apply to every module, in both directions", () => {
  const rules: TravelRules = { code: "run", nameOf: (url) => url.replace("file:///a/", "@"), urlOf: (name) => name.replace("@", "file:///b/") };
  const reference = { kind: "reference", module: "file:///a/m.mjs", export: "f", loader: "import", name: "f" } as const;
  const code = { name: "g", code: "() => f()", strict: true, isClass: false, variables: ["f"], eager: [], url: "file:///a/g.mjs", line: 0, column: 0, importMeta: undefined, usesImport: false };
  const program = {
    kind: "value" as const,
    key: "k",
    name: "g",
    functions: [code, { ...code, url: "evalmachine.<anonymous>" }],
    links: [reference, { kind: "import", specifier: "x", name: "*", from: "file:///a/g.mjs" }, { kind: "require", from: "file:///a/g.mjs" }, { kind: "symbol", description: "s", registered: true }] as const,
    cells: [],
    captures: "each call" as const,
  };
  const arrived = arriving(leaving(program, rules), rules);
  expect(JSON.stringify(arrived)).toBe(JSON.stringify(program).replaceAll("file:///a/", "file:///b/").replace("evalmachine.<anonymous>", ""));
  expect(leaving(reference, undefined)).toBe(reference);
});

it("a folder's name ends with a slash", () => {
  expect(() => modulesBelow(new URL("./nowhere", import.meta.url))).toThrow(/ends with a slash/);
});
