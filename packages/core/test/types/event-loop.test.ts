// The type that users see: lower floors name the public class without importing it (loop/host.ts).
import { type EventLoop, type EventLoopPolicy, type FutureOptions, type Future, type Task, type TaskOptions, allTasks, getEventLoop, getRunningLoop, newEventLoop, setEventLoop } from "@offloop/core";
import { expectTypeOf, test } from "vitest";

test("futures, tasks and the functions that find a loop give the public EventLoop", () => {
  expectTypeOf<Future<number>["getLoop"]>().returns.toEqualTypeOf<EventLoop>();
  expectTypeOf<Task<number>["getLoop"]>().returns.toEqualTypeOf<EventLoop>();
  expectTypeOf(getRunningLoop).returns.toEqualTypeOf<EventLoop>();
  expectTypeOf(getEventLoop).returns.toEqualTypeOf<EventLoop>();
  expectTypeOf(newEventLoop).returns.toEqualTypeOf<EventLoop>();
  expectTypeOf<EventLoopPolicy["newEventLoop"]>().returns.toEqualTypeOf<EventLoop>();
});

test("functions that take a loop take the public EventLoop", () => {
  expectTypeOf<FutureOptions["loop"]>().toEqualTypeOf<EventLoop | undefined>();
  expectTypeOf<TaskOptions["loop"]>().toEqualTypeOf<EventLoop | undefined>();
  expectTypeOf(setEventLoop).parameter(0).toEqualTypeOf<EventLoop | undefined>();
  expectTypeOf(allTasks).parameter(0).toEqualTypeOf<EventLoop | undefined>();
});
