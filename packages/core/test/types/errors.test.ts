// Errors as programs tell them apart: by class, by code and by isCancelled().
import { type AbortOfCancellation, CallTimeoutError, CancelledError, InvalidOptionError, isCancelled, QueueFull, TimeoutError } from "@offloop/core";
import { QueueFullError, WorkerCrashedError } from "@offloop/workers";
import { expect, expectTypeOf, it } from "vitest";

it("a code is a literal type, so that a switch over codes is checked", () => {
  expectTypeOf<CancelledError["code"]>().toEqualTypeOf<"ERR_OFFLOOP_CANCELLED">();
  expectTypeOf<InvalidOptionError["code"]>().toEqualTypeOf<"ERR_OFFLOOP_INVALID_OPTION">();
  expectTypeOf<CallTimeoutError["code"]>().toEqualTypeOf<"ERR_OFFLOOP_CALL_TIMEOUT">();
  expectTypeOf<QueueFull["code"]>().toEqualTypeOf<"ERR_OFFLOOP_QUEUE_FULL">();
  expectTypeOf<QueueFullError["code"]>().toEqualTypeOf<"ERR_OFFLOOP_CALL_QUEUE_FULL">();
  // Of a class with a subclass, each of the two.
  expectTypeOf<TimeoutError["code"]>().toEqualTypeOf<"ERR_OFFLOOP_TIMEOUT" | "ERR_OFFLOOP_CALL_TIMEOUT">();
  expectTypeOf<WorkerCrashedError["code"]>().toEqualTypeOf<"ERR_OFFLOOP_WORKER_CRASHED" | "ERR_OFFLOOP_OUT_OF_MEMORY">();
});

it("a call's timeout is a timeout", () => {
  expectTypeOf<CallTimeoutError>().toExtend<TimeoutError>();
  const error: unknown = new CallTimeoutError("run", 5, "work");
  expect(error).toBeInstanceOf(TimeoutError);
  expect(error).toMatchObject({ name: "CallTimeoutError", code: "ERR_OFFLOOP_CALL_TIMEOUT", timeoutMs: 5, stage: "run" });
});

it("isCancelled narrows an error", () => {
  const error: unknown = new CancelledError("enough", { cause: "a reason" });
  if (!isCancelled(error)) throw error;
  expectTypeOf(error).toEqualTypeOf<CancelledError | AbortOfCancellation>();
  expect(error.cause).toBe("a reason");
});
