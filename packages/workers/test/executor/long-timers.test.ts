// Deadlines beyond the longest delay of one timer of Node, which is about 25 days. Time is faked before the package is
// loaded, because the package takes the functions of time when it is.
import { expect, it, vi } from "vitest";

vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setImmediate", "clearImmediate"] });
const { InlineExecutor } = await import("@offloop/workers");

const DAYS_100_MS = 100 * 24 * 60 * 60 * 1_000;

const stateOf = async (promise: Promise<unknown>): Promise<string> => Promise.race([promise.then(() => "fulfilled", (error: Error) => error.message), Promise.resolve().then(() => new Promise<string>((resolve) => queueMicrotask(() => resolve("pending"))))]);

it.each(["runTimeoutMs", "queueTimeoutMs"] as const)("an inline executor keeps a %s of 100 days", async (option) => {
  const limiter = { acquire: () => (option === "queueTimeoutMs" ? new Promise<void>(() => {}) : Promise.resolve()), release() {} };
  const call = new InlineExecutor().with({ [option]: DAYS_100_MS, limiter }).submit(() => new Promise(() => {}));
  call.catch(() => {});
  await vi.advanceTimersByTimeAsync(DAYS_100_MS - 1_000);
  expect(await stateOf(call)).toBe("pending");
  await vi.advanceTimersByTimeAsync(1_000);
  await expect(call).rejects.toMatchObject({ code: "ERR_OFFLOOP_CALL_TIMEOUT" });
});

it("an inline executor waits 100 days for its calls at shutdown()", async () => {
  const executor = new InlineExecutor();
  const call = executor.submit(() => new Promise(() => {}));
  call.catch(() => {});
  const ended = executor.shutdown({ timeoutMs: DAYS_100_MS });
  await vi.advanceTimersByTimeAsync(DAYS_100_MS - 1_000);
  expect(await stateOf(call)).toBe("pending");
  await vi.advanceTimersByTimeAsync(1_000);
  await ended;
  await expect(call).rejects.toMatchObject({ code: "ERR_OFFLOOP_CANCELLED" });
});
