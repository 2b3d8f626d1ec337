// How the worker of a pool or an actor starts, for different kinds of programs.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";

const workers = import.meta.resolve("@offloop/workers");
const programs = {
  pool: `
    import { ProcessPoolExecutor } from ${JSON.stringify(workers)};
    const pool = new ProcessPoolExecutor({ maxWorkers: 1, ...options });
    console.log("answer", await pool.submit((value) => value + 1, 41));
    await pool.shutdown();
  `,
  "thread pool": `
    import { ThreadPoolExecutor } from ${JSON.stringify(workers)};
    const pool = new ThreadPoolExecutor({ maxWorkers: 1, ...options });
    console.log("answer", await pool.submit((value) => value + 1, 41));
    await pool.shutdown();
  `,
  actor: `
    import { closeActor, spawnActor } from ${JSON.stringify(workers)};
    class Counter { add(value) { return value + 1; } }
    const actor = await spawnActor.with({ kind: "process", ...options })(Counter);
    console.log("answer", await actor.add(41));
    await closeActor(actor);
  `,
  "actor on a thread": `
    import { closeActor, spawnActor } from ${JSON.stringify(workers)};
    class Counter { add(value) { return value + 1; } }
    const actor = await spawnActor.with({ kind: "thread", ...options })(Counter);
    console.log("answer", await actor.add(41));
    await closeActor(actor);
  `,
};

/** A module that leaves a mark in each thread and process that loads it. */
const MARK = "data:text/javascript,globalThis.mark=1";

interface Start {
  readonly args?: readonly string[];
  readonly options?: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program whose call must be answered exactly once. */
function answerOf(program: string, { args = ["--input-type=module", "-e"], options = "{}", input, env }: Start = {}): string {
  const text = `const options = ${options};${program}`;
  const argv = args.includes("-e") || args.some((option) => /^(-p|--eval)$/.test(option)) ? [...args, text] : args.map((option) => option.replace("TEXT", text));
  return execFileSync(process.execPath, argv, { encoding: "utf8", timeout: 20_000, env: { ...process.env, ...env }, ...(input === undefined ? {} : { input: text }) });
}

describe.each(Object.entries(programs))("a worker of the %s", (_, program) => {
  it.each([["--input-type=module", "-e"], ["--input-type=module", "--eval"], ["--input-type", "module", "--eval"], ["--no-warnings", "--input-type=module", "-e"], ["--input-type=module", "--eval=TEXT"]])("does not run the text of a program given by %s again", (...args) => {
    expect(answerOf(program, { args })).toBe("answer 42\n");
  });

  it("does not run the program text of -p again", () => {
    const wrapped = `import("data:text/javascript," + encodeURIComponent(${JSON.stringify(`const options = {};${program}`)})), 0`;
    // Node 20 prints the value of the text at once, later Nodes print it when the program ends.
    for (const option of ["-p", "-pe", "--print"]) expect(execFileSync(process.execPath, [option, wrapped], { encoding: "utf8", timeout: 20_000 }).trim().split("\n").sort()).toEqual(["0", "answer 42"]);
  });

  it("does not run a program from standard input again", () => {
    expect(answerOf(program, { args: ["--input-type=module", "-"], input: "yes" })).toBe("answer 42\n");
  });

  it.each([
    ["--import=MARK", "--input-type=module", "-e"],
    ["--expose-gc", "--max-old-space-size=300", "--title=parent", "--import", "MARK", "--input-type", "module", "--no-warnings", "-e"],
    ["--no-warnings", `--experimental-loader=data:text/javascript,`, "--import=MARK", "--input_type=module", "--eval=TEXT"],
  ])("loads modules of %s %s before its calls, though the type of the text is not for its entry", (...args) => {
    expect(answerOf(program.replaceAll("value + 1", "value + globalThis.mark"), { args: args.map((arg) => arg.replace("MARK", MARK)) })).toBe("answer 42\n");
  });

  it("starts where the type of the text and modules to load stand in NODE_OPTIONS", () => {
    const env = { NODE_OPTIONS: `--input-type module --max-old-space-size=300 "--import=${MARK}" --input_type=module` };
    const text = program.replaceAll("value + 1", "value + globalThis.mark");
    for (const options of ["{}", "{ env: { ...process.env } }"]) expect(answerOf(text, { args: ["--expose-gc", "-e"], options, env })).toBe("answer 42\n");
  });

  it("does not run a program text in its execArgv", () => {
    for (const execArgv of ["process.execArgv", '["-e", "console.log(1)"]', '["--eval=1", "--no-warnings"]', '["-p"]']) expect(answerOf(program, { options: `{ execArgv: ${execArgv} }` })).toBe("answer 42\n");
  });

  it("does not wait for the debugger of its parent", () => {
    for (const options of ["{}", "{ env: { ...process.env } }", "{ execArgv: process.execArgv }"]) {
      expect(answerOf(`process.env.NODE_OPTIONS = '--no-warnings "--inspect-brk=0"  --inspect_wait=0';${program}`, { options })).toBe("answer 42\n");
      expect(answerOf(`process.execArgv.push("--inspect-brk=0", "--inspect_brk=0");${program}`, { options })).toBe("answer 42\n");
    }
  });

  it("finishes its call when a signal reaches the process group of its parent", async () => {
    const parent = spawn(process.execPath, ["--input-type=module", "-e", `const options = {};
      process.on("SIGINT", () => {}).on("SIGTERM", () => {});
      setTimeout(() => process.kill(-process.pid, "SIGINT"), 0);
      setTimeout(() => process.kill(-process.pid, "SIGTERM"), 0);${program}`], { detached: true, stdio: ["ignore", "pipe", "inherit"] });
    const [chunks] = await Promise.all([parent.stdout.toArray(), once(parent, "exit")]);
    expect(String(chunks)).toBe("answer 42\n");
  });
});

it("rejects the call when no process can be spawned", () => {
  const broken = `
    import { rejects } from "node:assert/strict";
    import { ProcessPoolExecutor } from ${JSON.stringify(workers)};
    process.execPath = "/nowhere/node";
    const pool = new ProcessPoolExecutor({ maxWorkers: 1 });
    await rejects(pool.submit((value) => value, 1), (error) => error.code === "ERR_OFFLOOP_WORKER_START" && error.cause.code === "ENOENT");
    await pool.shutdown();
    console.log("rejected");
  `;
  expect(execFileSync(process.execPath, ["--input-type=module", "-e", broken], { encoding: "utf8", timeout: 30_000 })).toBe("rejected\n");
});
