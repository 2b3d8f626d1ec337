// The first call in a program that has no descriptor left: the error says so, and later calls work.
import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";

const workers = import.meta.resolve("@offloop/workers");
const uses = {
  thread: "pool = new ThreadPoolExecutor({ maxWorkers: 1 })",
  process: "pool = new ProcessPoolExecutor({ maxWorkers: 1 })",
};
const actor = (kind: string): string => `const actor = await spawnActor.with({ kind: "${kind}" })(Map, [["a", 42]]); const value = await actor.get("a"); await closeActor(actor); return value;`;
const pool = (make: string): string => `${make.replace("=", "??=")}; return await pool.submit((value) => value + one, 41);`;
const programs = Object.entries({ "a thread pool": pool(uses.thread), "a process pool": pool(uses.process), "an actor on a thread": actor("thread"), "an actor in a process": actor("process") });

/** Runs a first call with `left` free descriptors, and then two with many. @returns what it prints */
const run = (body: string, left: number, before = ""): string[] => {
  const program = `
    import { closeSync, openSync } from "node:fs";
    import { closeActor, ProcessPoolExecutor, spawnActor, ThreadPoolExecutor } from ${JSON.stringify(workers)};
    const one = 1;
    let pool;
    ${before};
    const use = async () => { ${body} };
    const tell = () => use().then((value) => console.log(value), (error) => console.log([error, error.cause, error.cause?.cause].join(" ").replaceAll("\\n", " ")));
    const held = [];
    try { for (;;) held.push(openSync("/dev/null")); } catch {}
    for (let left = ${left}; left > 0; left -= 1) closeSync(held.pop());
    await tell();
    for (const fd of held) closeSync(fd);
    await new Promise((resolve) => setTimeout(resolve, 50)); // a worker that began to start without descriptors ends
    await tell();
    await tell();
    await pool?.shutdown();`;
  return execFileSync("/bin/sh", ["-c", 'ulimit -n 200; exec "$0" --input-type=module -e "$1"', process.execPath, program], { encoding: "utf8", timeout: 30_000, stdio: ["ignore", "pipe", "ignore"] }).trim().split("\n");
};

it.skipIf(process.platform === "win32").each(programs)("%s names the lack of descriptors, and works when there are some again", (_, body) => {
  const firsts = new Set<string>();
  for (const left of [0, 1, 2, 3, 4, 5, 6, 7, 60]) {
    const [first, ...later] = run(body, left);
    if (first !== "42") expect(first).toMatch(/EMFILE|too many open files/);
    firsts.add(first === "42" ? "answered" : "refused");
    expect(later, `with ${left} free descriptors: ${first}`).toEqual(["42", "42"]);
  }
  expect(firsts).toEqual(new Set(["answered", "refused"]));
}, 60_000);

it.skipIf(process.platform === "win32").each(["thread", "process"] as const)("a %s pool that was made before says that the parser of functions cannot be loaded", (kind) => {
  const [first, ...later] = run(pool(uses[kind]), 0, uses[kind]);
  expect(first).toMatch(/^WorkerStartError: @offloop\/workers could not load the package acorn\. No descriptor is free: close files and sockets, or raise the limit \(ulimit -n\), and try again\. /);
  expect(later).toEqual(["42", "42"]);
});

it.skipIf(process.platform === "win32").each(["thread", "process"] as const)("a %s pool that cannot be made says what is missing", (kind) => {
  const [first, ...later] = run(pool(uses[kind]), 0);
  expect(first).toMatch(/^WorkerStartError: @offloop\/workers could not load its file \S+\. No descriptor is free: close files and sockets, or raise the limit \(ulimit -n\), and try again\. /);
  expect(later).toEqual(["42", "42"]);
});
