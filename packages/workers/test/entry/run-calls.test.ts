// How a worker loads the functions of its calls, and what calls may do to its streams.
import { writeFileSync } from "node:fs";
import { workerModule } from "@offloop/workers";
import { expect, it } from "vitest";
import { forEach, pools, rejection } from "../contract/executors.js";

const fixture = (name: string): URL => new URL(`../fixtures/${name}.mjs`, import.meta.url);

forEach(pools, ({ make, file }) => {
  it("runs setup before it loads the module of the first call", async () => {
    const { markAtLoad } = workerModule<{ markAtLoad(): string }>(fixture("reads-mark"));
    expect(await make({ maxWorkers: 1, setup: fixture("marks-in-setup") }).submit(markAtLoad)).toBe("set up");
  });

  it("loads a module that failed to load in another worker", async () => {
    const { answer } = workerModule<{ answer(): number }>(fixture("needs-file"));
    const needed = file("needed");
    const executor = make({ maxWorkers: 1, env: { ...process.env, OFFLOOP_NEEDED: needed } });
    const failures = await Promise.all([rejection(executor.submit(answer)), rejection(executor.submit(answer))]);
    for (const { message } of failures) expect(message).toContain("the file is missing");
    writeFileSync(needed, "");
    expect(await executor.submit(answer)).toBe(42);
    expect(executor.stats()).toMatchObject({ crashes: 0 });
  });

  it("continues after a call that replaces write of a stream, corks it or destroys it", async () => {
    const executor = make({ maxWorkers: 1 });
    const replaces = (): number => {
      for (const stream of [process.stdout, process.stderr]) {
        stream.write(" \n");
        stream.write = () => true;
      }
      return 1;
    };
    const corks = (): number => {
      for (const stream of [process.stdout, process.stderr]) {
        stream.cork();
        Object.getPrototypeOf(Object.getPrototypeOf(stream)).write.call(stream, " \n");
      }
      return 2;
    };
    const destroys = (): number => {
      for (const stream of [process.stdout, process.stderr]) stream.destroy();
      return 3;
    };
    for (const fn of [replaces, corks, destroys, replaces]) expect(await executor.submit(fn)).toBeGreaterThan(0);
  });

  it("continues after a call that replaces how a stream writes, so that what it printed is never written", async () => {
    const executor = make({ maxWorkers: 1 });
    const swallows = (): number => {
      for (const stream of [process.stdout, process.stderr]) {
        stream._write = stream._writev = () => {};
        stream.write(" \n");
      }
      return 1;
    };
    expect(await executor.submit(swallows)).toBe(1);
    expect(await Promise.all([1, 2, 3].map((value) => executor.submit((given) => given, value)))).toEqual([1, 2, 3]);
  });
});
