// The life of a worker around its calls. Runs the pool's setup module before the first call and its teardown
// module after the last. Sends printed output to the main side if the pool has `onOutput`.
import { InvalidArgumentError } from "../executor/errors.js";
import { queueMicrotask } from "../executor/real-time.js";
import type { FromWorker, WorkerLife } from "../protocol/messages.js";
import type { TravelRules } from "../protocol/travel-rules.js";

type Hook = (value: unknown) => unknown;

/** Runs the setup module. @returns the value of `taskContext().setup`; rejects with what the module threw */
export async function runSetup({ setup, setupData }: WorkerLife, travel: TravelRules | undefined): Promise<unknown> {
  return setup === undefined ? undefined : (await loadHook(setup, "setup", travel))(setupData);
}

/** Runs the teardown module. Prints what it throws, because nothing awaits it. */
export async function runTeardown({ teardown }: WorkerLife, setupResult: unknown, travel: TravelRules | undefined): Promise<void> {
  if (teardown === undefined) return;
  try {
    await (await loadHook(teardown, "teardown", travel))(setupResult);
  } catch (error) {
    console.error(`The teardown module ${teardown} failed:`, error);
  }
}

async function loadHook(module: string, name: "setup" | "teardown", travel: TravelRules | undefined): Promise<Hook> {
  const exported = (await import(travel?.urlOf(module) ?? module)) as Record<string, unknown>;
  const hook = exported[name] ?? exported.default;
  if (typeof hook !== "function") throw new InvalidArgumentError(`The ${name} module ${module} exports no function. Export one as ${name}, or as default.`);
  return hook as Hook;
}

/** Sends printed output as messages, line by line, each with the call that was running when the line began. */
export function captureOutput(send: (message: FromWorker) => void, callName: () => string | undefined): void {
  for (const stream of ["stdout", "stderr"] as const) {
    let line = "";
    let begunBy: string | undefined;
    process[stream].write = ((chunk: string | Uint8Array, encoding?: unknown, done?: unknown): boolean => {
      const text = typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
      if (line === "") begunBy = callName();
      const lines = (line + text).split("\n");
      line = lines.pop()!;
      for (const each of lines) send({ type: "output", stream, callName: begunBy, text: each });
      const callback = typeof encoding === "function" ? encoding : done;
      if (typeof callback === "function") queueMicrotask(() => callback());
      return true;
    }) as typeof process.stdout.write;
    process.on("exit", () => {
      if (line !== "") send({ type: "output", stream, callName: begunBy, text: line });
    });
  }
}
