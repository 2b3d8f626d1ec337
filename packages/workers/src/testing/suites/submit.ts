import { MessageChannel } from "node:worker_threads";
import { CloneError, InvalidArgumentError } from "../../executor/errors.js";
import type { Executor } from "../../executor/executor.js";
import { transfer } from "../../executor/transfer.js";
import { expect } from "../expect.js";
import * as calls from "../fixtures/calls.js";
import { type DefineSuite, rejection } from "../harness.js";

export function submitSuite(suite: DefineSuite): void {
  suite([], ({ it, has, make }) => {
    it("gives the result of a synchronous and of an asynchronous function", async () => {
      const executor = make();
      expect(await executor.submit(calls.add, 1, 2)).toBe(3);
      expect(await executor.submit(calls.addLater, 1, 2)).toBe(3);
      expect(await executor.submit(calls.default)).toBe("default");
    });

    it("takes a reference in place of a function", async () => {
      const module = new URL("../fixtures/calls.js", import.meta.url).href;
      expect(await make().submit({ module, export: "add" } as never, ...([1, 2] as never[]))).toBe(3);
    });

    it("settles a thousand calls of several callers, each with its own result", async () => {
      const executor = make({ maxWorkers: 2 });
      const results = await Promise.all(Array.from({ length: 1_000 }, (_, index) => executor.submit(calls.add, index, 1)));
      expect(results).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1));
      expect(executor.stats()).toMatchObject({ submitted: 1_000, fulfilled: 1_000, queued: 0, running: 0 });
    });

    it("names the call by its function, or by the option name", async () => {
      const executor = make();
      expect(await executor.submit(calls.name)).toBe("name");
      expect(await executor.with({ name: "render /docs/a" }).submit(calls.name)).toBe("render /docs/a");
    });

    it("gives a future that is a promise and has a state", async () => {
      const future = make().submit(calls.add, 1, 1);
      expect(future).toBeInstanceOf(Promise);
      expect(future.state).toBe("pending");
      await future;
      expect(future.state).toBe("fulfilled");
      expect(future.cancel()).toBe(false);
    });

    it("rejects a value that is not a function, and says what it takes", async () => {
      const executor = make() as Executor & { submit(fn: unknown): Promise<unknown> };
      for (const wrong of ["add", undefined, null, 7, {}]) {
        const error = await rejection(executor.submit(wrong));
        expect(error, String(wrong)).toBeInstanceOf(InvalidArgumentError);
      }
      if (has("workers")) expect((await rejection(executor.submit("add"))).message).toMatch(/function/);
    });
  });

  suite(["workers"], ({ it, make }) => {
    it("runs off the calling thread", async () => {
      expect(await make().submit(calls.where)).not.toBe(calls.where());
    });

    it("copies arguments and results as structured clone does", async () => {
      const value = { when: new Date(5), tags: new Set(["a"]), nested: new Map([["k", [1n, /x/gu]]]), bytes: new Uint8Array([1, 2]), self: undefined as unknown };
      value.self = value;
      const copy = (await make().submit(calls.identity, value)) as typeof value;
      expect(copy).toEqual(value);
      expect(copy.self).toBe(copy);
      expect(copy).not.toBe(value);
    });

    it("rejects an argument that cannot be cloned, with the path to the culprit", async () => {
      const error = await rejection(make().submit(calls.identity, { user: { socket: () => {} } }));
      expect(error).toBeInstanceOf(CloneError);
      expect(error).toMatchObject({ code: "ERR_OFFLOOP_CLONE", path: "args[0].user.socket" });
      expect(error.message).toContain("args[0].user.socket");
      expect(error.stack).toContain("suites/submit.");
    });

    it("sends the other calls of an envelope when one cannot be cloned", async () => {
      const executor = make();
      await executor.submit(calls.identity, 0);
      const outcomes = await Promise.allSettled([executor.submit(calls.identity, 1), executor.submit(calls.identity, { f: () => {} }), executor.submit(calls.identity, 3)]);
      expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    });

    it("rejects a result that cannot be cloned, with the path, and the worker continues", async () => {
      const executor = make();
      const error = await rejection(executor.submit(calls.returnsFunction));
      expect(error).toMatchObject({ code: "ERR_OFFLOOP_CLONE", path: "result.view.render" });
      expect(await executor.submit(calls.add, 1, 1)).toBe(2);
      expect(executor.stats().workersStarted).toBe(1);
    });

    it("reports a missing module, and a missing export with the existing ones", async () => {
      const executor = make();
      const module = new URL("../fixtures/calls.js", import.meta.url).href;
      const missing = await rejection(executor.submit({ module, export: "ad" } as never));
      expect(missing.message).toMatch(/\bad\b/);
      expect(missing.message).toContain("addLater");
      const nowhere = await rejection(executor.submit({ module: new URL("./nowhere.mjs", import.meta.url).href, export: "x" } as never));
      expect(nowhere.message).toContain("nowhere.mjs");
      expect(await executor.submit(calls.add, 2, 2)).toBe(4);
    });

    it("uses up to maxWorkers workers, and no more", async () => {
      const executor = make({ maxWorkers: 2 });
      const places = new Set<string>();
      const caller = async (): Promise<void> => {
        while (places.size < 2) places.add(await executor.submit(calls.spinsDeafHere, 5));
      };
      await Promise.all(Array.from({ length: 8 }, caller));
      expect(executor.stats().workersStarted).toBe(2);
    });
  });

  suite(["workers", "code"], ({ it, make }) => {
    it("runs a function that no module exports, with copies of its captured values", async () => {
      const factor = Number("3");
      expect(await make().submit((x: number) => x * factor, 2)).toBe(6);
    });
  });

  suite(["workers", "sharedMemory"], ({ it, make }) => {
    it("shares a SharedArrayBuffer", async () => {
      const shared = new Int32Array(new SharedArrayBuffer(4));
      await make().submit(calls.increments, shared);
      expect(shared[0]).toBe(1);
    });
  });

  suite(["workers", "transfer"], ({ it, make }) => {
    it("moves marked objects: buffers leave the caller, and ports arrive", async () => {
      const executor = make();
      const bytes = new Uint8Array(1_000);
      expect(await executor.submit(calls.byteLength, transfer(bytes, [bytes.buffer]))).toBe(1_000);
      expect(bytes.byteLength).toBe(0);
      const { port1, port2 } = new MessageChannel();
      const answer = new Promise((resolve) => port1.once("message", resolve));
      await executor.submit(calls.posts, transfer(port2), "hello");
      expect(await answer).toBe("hello");
      port1.close();
    });
  });
}
