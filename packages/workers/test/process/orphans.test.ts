import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { until } from "../contract/executors.js";

it.each(["idle", "busy"].flatMap((state) => ["pool", "actor"].map((owner) => [state, owner] as const)))("a child that is %s ends when the parent of its %s is killed", async (state, owner) => {
  const program = fileURLToPath(new URL("../fixtures/leaves-a-child.mjs", import.meta.url));
  const parent = spawn(process.execPath, [program, state, owner], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  const pid = Number(line);
  expect(alive(pid)).toBe(true);
  parent.kill("SIGKILL");
  await until(() => !alive(pid));
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
