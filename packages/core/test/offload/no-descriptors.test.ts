// The first call of a program that has no descriptor left: the error says so, and later calls work.
import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";

it.skipIf(process.platform === "win32").each(["toThread", "toProcess"])("%s names the lack of descriptors, and works when there are some again", (name) => {
  for (const left of [0, 2, 5, 60]) {
    const program = `
      import { closeSync, openSync } from "node:fs";
      import { ${name}, shutdownDefaultExecutor } from ${JSON.stringify(import.meta.resolve("@offloop/core"))};
      const tell = () => ${name}((value) => value + 1, 41).then((value) => console.log(value), (error) => console.log([error, error.cause, error.cause?.cause].join(" ").replaceAll("\\n", " ")));
      const held = [];
      try { for (;;) held.push(openSync("/dev/null")); } catch {}
      for (let left = ${left}; left > 0; left -= 1) closeSync(held.pop());
      await tell();
      for (const fd of held) closeSync(fd);
      while (${name}.stats().startingWorkers > 0) await new Promise((resolve) => setImmediate(resolve)); // a worker that began to start without descriptors ends
      await tell();
      await shutdownDefaultExecutor();`;
    const printed = execFileSync("/bin/sh", ["-c", 'ulimit -n 200; exec "$0" --input-type=module -e "$1"', process.execPath, program], { encoding: "utf8", timeout: 30_000, stdio: ["ignore", "pipe", "ignore"] });
    const [first, second] = printed.trim().split("\n");
    if (left === 0) expect(first).toMatch(/^WorkerStartError: /);
    if (first !== "42") expect(first).toMatch(/EMFILE|too many open files/);
    expect(second, `with ${left} free descriptors: ${first}`).toBe("42");
  }
}, 60_000);
