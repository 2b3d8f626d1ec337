// Emits the declarations of a user's functions that state no types of their own, in a project that pnpm has
// laid out: only the package that was installed can be imported, and what it depends on lies elsewhere.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compile, copyTypes, manifestOf, root } from "./installed-types.js";

const calls = (face: string) => `
import {
  asCompleted, callSoonThreadsafe, CapacityLimiter, Condition, createTask, ensureFuture, fromThread, Future, gather, getRunningLoop, Lock, moveOnAfter, PriorityQueue, Queue, race, run,
  runInExecutor, Semaphore, shield, sleep, taskContext, taskGroup, timeout, toProcess, toThread, transfer, wait, waitFor, wrapFuture, type CallOptions, type Executor,
} from "${face}";

export interface Order { id: number; title?: string }
const add = (a: number, b = 1) => a + b;
const load = async (id: number): Promise<Order> => ({ id });

export const both = () => gather([toThread(add, 1, 2), createTask(async () => "a")]);
export const withErrors = () => gather([toThread(load, 1)], { returnExceptions: true });
export const waited = () => wait([toThread(load, 1), sleep(5, { result: true })]);
export const inOrder = () => asCompleted([toThread(load, 1), toThread(add, 1)]);
export const first = () => race([toThread(load, 1), () => "none"]);
export const patient = toThread.with({ queueTimeoutMs: 5, onCancel: "wait" });
export const elsewhere = () => toProcess(load, 1);
export const withOptions = (options: CallOptions) => toThread.with(options);
export const offloaded = <A extends unknown[], R>(fn: (...args: A) => R) => (...args: A) => toThread(fn, ...args);
export const back = () => fromThread(load, 1);
export const backNow = () => fromThread.sync(load, 1);
export const backSoon = () => callSoonThreadsafe(add, 1, 2);
export const moved = (bytes: Uint8Array) => toThread((given) => given.length, transfer(bytes));
export const context = () => taskContext();
export const submitted = (pool: Executor) => pool.submit(load, 1);
export const mapped = (pool: Executor) => pool.map(load, [1, 2], { ordered: false });
export const streamed = (pool: Executor) => pool.stream(function* (n: number) { yield n; }, 5);
export const everywhere = (pool: Executor) => pool.broadcast(load, 1);
export const view = (pool: Executor) => pool.with({ priority: 1 });
export const onLoop = (pool: Executor) => getRunningLoop().runInExecutor(pool, load, 1);
export const onPool = (pool: Executor) => runInExecutor(pool, load, 1);
export const wrapped = (pool: Executor) => wrapFuture(pool.submit(load, 1));
export const timer = () => getRunningLoop().callLater(5, add, 1, 2);
export const limited = () => timeout(5, (scope) => scope.when());
export const perhaps = () => moveOnAfter(5, async (scope) => scope.deadline);
export const grouped = () => taskGroup(async (group) => group.createTask(async () => 1));
export const inTime = () => waitFor(toThread(load, 1), 50);
export const shielded = () => shield(toThread(load, 1));
export const ensured = () => ensureFuture(async () => 1);
export const main = () => run(async () => 1);
export const queue = new Queue<Order>(5);
export const byTitle = new PriorityQueue<Order>(5, { compare: (a, b) => a.id - b.id });
export const taken = () => queue.get();
export const put = (order: Order) => queue.put(order);
export const held = () => new Lock().acquire();
export const primitives = { lock: new Lock(), limiter: new CapacityLimiter(2), semaphore: new Semaphore(1), condition: new Condition() };
export const chained = () => new Future<Order>().then((order) => order.id);
export class Orders extends Queue<Order> {
  constructor() { super(1); }
  firstOf = () => toThread(load, 1);
}
`;

const pools = `
import { InlineExecutor, ProcessPoolExecutor, proxy, spawnActor, startWatchdog, task, ThreadPoolExecutor, withSignal, workerModule } from "offloop";
import type * as shop from "./app.mjs";

class Counter {
  value = 0;
  optional?: (n: number) => string;
  constructor(readonly start: number) {}
  add(n: number, done?: (value: number) => void) { this.value += n; done?.(this.value); return this.value; }
  async *each() { yield this.value; }
}
const square = (n: number) => n * n;

export const pool = new ThreadPoolExecutor({ maxWorkers: 2 });
export const processes = () => new ProcessPoolExecutor({ maxWorkers: 2 });
export const inline = new InlineExecutor();
export const call = () => pool.submit(square, 2);
export const view = pool.with({ priority: 1 });
export const mapped = () => pool.map(square, [1, 2]);
export const stats = () => pool.stats();
export const spawned = () => spawnActor(Counter, 1);
export const spawnInProcess = spawnActor.with({ kind: "process" });
export const used = async () => {
  await using actor = await spawnActor(Counter, 1);
  const { add, each } = actor;
  return { sum: await actor.add(1, proxy((n: number) => console.log(n))), add, each, value: actor.value, items: actor.each(), bound: withSignal(actor, new AbortController().signal) };
};
export const references = workerModule<typeof shop>(new URL("./app.mjs", import.meta.url));
export const { back, backNow } = references;
export const marked = task(square, { module: import.meta.url });
export const watchdog = () => startWatchdog({ thresholdMs: 50 });
export class Pool extends ThreadPoolExecutor {
  constructor() { super({ maxWorkers: 1 }); }
  square = (n: number) => this.submit(square, n);
}
`;

/** A project for each package that alone is installed, with the sources that it compiles. */
const projects: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "offloop": { "app.mts": calls("offloop"), "pools.mts": pools },
  "@offloop/core": { "app.mts": calls("@offloop/core") },
};

const compilers = { "5.4": "typescript-5.4", "7": "typescript" };

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "offloop-emit-"));
  for (const [index, [face, sources]] of Object.entries(projects).entries()) {
    const project = join(folder, String(index));
    installAlone(face, project);
    for (const [file, text] of Object.entries(sources)) writeFileSync(join(project, file), text);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Installs a package as pnpm does: all that it depends on is below `.pnpm`, and the project sees the package itself. */
function installAlone(face: string, project: string): void {
  const store = join(project, "node_modules/.pnpm");
  const homeOf = (name: string): string => join(store, `${name.replace("/", "+")}@0.1.0`, "node_modules");
  const done = new Set<string>();
  const add = (name: string): void => {
    if (done.has(name)) return;
    done.add(name);
    copyTypes(name, join(homeOf(name), name));
    for (const dependency of Object.keys(manifestOf(name).dependencies ?? {})) {
      if (!dependency.includes("offloop")) continue; // no declaration of ours names another
      add(dependency);
      link(join(homeOf(dependency), dependency), join(homeOf(name), dependency));
    }
    // The optional peer, which pnpm links where the project has it.
    link(join(root, "node_modules/@types/node"), join(homeOf(name), "@types/node"));
  };
  add(face);
  link(join(homeOf(face), face), join(project, "node_modules", face));
  link(join(root, "node_modules/@types/node"), join(project, "node_modules/@types/node"));
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path, "junction");
}

describe.each(Object.entries(compilers))("TypeScript %s", (_version, compiler) => {
  it("names every inferred type by an installed package", async () => {
    const out = join(folder, compiler);
    const files = Object.values(projects).flatMap((sources, index) => Object.keys(sources).map((file) => `${index}/${file}`));
    const compilerOptions = {
      strict: true, exactOptionalPropertyTypes: true, target: "es2022", lib: ["es2022", "esnext.disposable"], types: [], module: "nodenext", moduleResolution: "nodenext",
      declaration: true, emitDeclarationOnly: true, rootDir: folder, outDir: out,
    };
    expect(await compile(compiler, compilerOptions, folder, files)).toBe("");
    for (const file of files) {
      const declarations = readFileSync(join(out, file.replace(".mts", ".d.mts")), "utf8");
      expect(declarations.match(/^.*\b(any|\.pnpm)\b.*$/gm) ?? []).toEqual([]);
    }
  }, 120_000);
});
