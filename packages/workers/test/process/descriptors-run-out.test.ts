// The descriptors of the process or of the system run out while pools and actors live: each call settles, by an error that
// says so, and the pool works again when there are some. no-descriptors.test.ts has the first call of a program.
import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";

/** Exhausts the descriptors of the process. `freeAll()` gives them back. */
const OF_PROCESS = `
  import { closeSync, openSync } from "node:fs";
  const held = [];
  const fill = () => { try { for (;;) held.push(openSync("/dev/null")); } catch {} };
  const freeAll = () => { for (const fd of held.splice(0)) closeSync(fd); };`;

/** As a system does that has no descriptor for a new process: libuv's spawn gives ENFILE. */
const OF_SYSTEM = `
  const { Process } = process.binding("process_wrap");
  const { spawn: really } = Process.prototype;
  const fill = () => { Process.prototype.spawn = () => -23; };
  const freeAll = () => { Process.prototype.spawn = really; };`;

const HEAD = `
  import { closeActor, ProcessPoolExecutor, spawnActor, ThreadPoolExecutor } from ${JSON.stringify(import.meta.resolve("@offloop/workers"))};
  const tell = (what, settled) => settled.then((value) => console.log(what, value), (error) => console.log(what, error.code, /EMFILE|ENFILE|too many open files/.exec([error, error.cause].join(" "))?.[0]));
  const all = async (items) => { const taken = []; for await (const item of items) taken.push(item); return taken.join(); };
  const one = 1;`;

const ofPool = (Pool: string): string => `
  const pool = new ${Pool}({ maxWorkers: 1 });
  const add = (value) => value + one;
  await pool.submit(add, 1);
  fill();
  await tell("new function", pool.submit((value) => value * 2, 21));
  await tell("large argument", pool.submit((bytes) => bytes.length, new Uint8Array(2_000_000)));
  await tell("stream", all(pool.stream(function* () { yield 1; yield 2; })));
  await tell("ends its worker", pool.submit(() => process.exit(3)));
  while (pool.stats().workers > 0) await new Promise((resolve) => setImmediate(resolve));
  fill();
  await Promise.all([tell("submit", pool.submit(add, 41)), tell("map", all(pool.map(add, [1, 2]))), tell("next stream", all(pool.stream(function* () { yield 1; })))]);
  await tell("broadcast", pool.broadcast(add, 1));
  freeAll();
  await tell("again", pool.submit(add, 41));
  const running = pool.submit(() => new Promise((resolve) => setTimeout(resolve, 10, "ran to its end")));
  fill();
  await tell("shutdown", pool.shutdown());
  await tell("its call", running);`;

const ofActor = (kind: string): string => `
  class Counter { add(value) { return value + 1; } ends() { process.exit(3); } *items() { yield 1; yield 2; } }
  const spawn = () => spawnActor.with({ kind: "${kind}" })(Counter);
  const actor = await spawn();
  const other = await spawn();
  fill();
  await tell("call", actor.add(41));
  await tell("items", all(await actor.items()));
  await tell("ends", actor.ends());
  fill();
  await tell("spawn", spawn().then(() => "spawned"));
  await tell("close", closeActor(other));
  freeAll();
  const later = await spawn();
  await tell("again", later.add(41));
  await closeActor(later);`;

function run(program: string): string[] {
  return execFileSync("/bin/sh", ["-c", 'ulimit -n 200; exec "$0" --no-warnings --input-type=module -e "$1"', process.execPath, program], { encoding: "utf8", timeout: 30_000, stdio: ["ignore", "pipe", "ignore"] }).trim().split("\n");
}

it.skipIf(process.platform === "win32").each([
  ["process", "ThreadPoolExecutor", OF_PROCESS, /EMFILE|too many open files/],
  ["process", "ProcessPoolExecutor", OF_PROCESS, /EMFILE/],
  ["system", "ProcessPoolExecutor", OF_SYSTEM, /ENFILE/],
])("the descriptors of the %s run out under a %s", (_, Pool, exhaust, word) => {
  const lines = run(`${exhaust}${HEAD}${ofPool(Pool)}`);
  const refused = expect.stringMatching(new RegExp(`ERR_OFFLOOP_WORKER_START (?:${word.source})$`)) as string;
  expect(lines).toEqual(["new function 42", "large argument 2000000", "stream 1,2", "ends its worker ERR_OFFLOOP_WORKER_CRASHED undefined", refused, refused, refused, refused, "again 42", "shutdown undefined", "its call ran to its end"]);
});

it.skipIf(process.platform === "win32").each([["process", "thread", OF_PROCESS, /EMFILE|too many open files/], ["process", "process", OF_PROCESS, /EMFILE/], ["system", "process", OF_SYSTEM, /ENFILE/]])("the descriptors of the %s run out under actors on a %s", (_, kind, exhaust, word) => {
  const lines = run(`${exhaust}${HEAD}${ofActor(kind)}`);
  const refused = expect.stringMatching(new RegExp(`ERR_OFFLOOP_WORKER_START (?:${word.source})$`)) as string;
  expect(lines).toEqual(["call 42", "items 1,2", "ends ERR_OFFLOOP_WORKER_CRASHED undefined", refused, "close undefined", "again 42"]);
});
