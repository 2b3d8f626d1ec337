// `npm run toolchains` starts processes from a real executable.
import { childNode } from "#workers/dispatch/child-node.js";
import { WorkerStartError } from "@offloop/workers";
import { afterEach, expect, it, vi } from "vitest";

const builtin = process.getBuiltinModule;

function inExecutable(): void {
  vi.spyOn(process, "getBuiltinModule").mockImplementation(((id: string) => (id === "node:sea" ? { isSea: () => true } : builtin(id))) as never);
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

it("leaves the options of a child of Node as they are", () => {
  expect(childNode(["--no-warnings"], { A: "1" })).toEqual({ execArgv: ["--no-warnings"], env: { A: "1" } });
});

it("refuses to start an executable that would run its program again, and names the line to write", () => {
  inExecutable();
  expect(() => childNode([], {})).toThrow(WorkerStartError);
  expect(() => childNode([], {})).toThrow(/singleExecutableBanner/);
});

it("gives an executable its options by NODE_OPTIONS", () => {
  inExecutable();
  vi.stubEnv("OFFLOOP_EXECUTABLE", process.execPath);
  expect(childNode(["--max-old-space-size=64", "--import", "/a b.mjs"], { NODE_OPTIONS: "--no-warnings", A: "1" })).toEqual({
    execArgv: [],
    env: { A: "1", NODE_OPTIONS: '--no-warnings "--max-old-space-size=64" "--import" "/a b.mjs"' },
  });
});
