import { AsyncLocalStorage } from "node:async_hooks";
import { expect } from "../expect.js";
import * as contexts from "../fixtures/contexts.js";
import { type DefineSuite, rejection } from "../harness.js";

export function contextSuite(suite: DefineSuite): void {
  suite([], ({ it, make }) => {
    it("a function has the value of a registered storage, also after its awaits", async () => {
      const executor = make();
      const inside = contexts.request.run({ id: "r1" }, () => executor.submit(contexts.inContext));
      const outside = executor.submit(contexts.inContext);
      expect(await inside).toEqual({ request: { id: "r1" }, after: { id: "r1" }, greeting: undefined });
      expect(await outside).toEqual({ request: undefined, after: undefined, greeting: undefined });
    });

    it("encodes and decodes what structured clone would strip", async () => {
      const result = await contexts.asUser("Ada", () => make().submit(contexts.inContext));
      expect(result.greeting).toBe("hello Ada");
    });

    it("uses the values of the context option in place of the current ones", async () => {
      const executor = make().with({ context: { "test.user": { name: "Grace" } } });
      const result = await contexts.asUser("Ada", () => executor.with({ context: { "test.request": 7 } }).submit(contexts.inContext));
      expect(result).toEqual({ request: 7, after: 7, greeting: "hello Grace" });
      expect(() => executor.with({ context: { "test.nobody": 1 } })).toThrow(/context\.test\.nobody/);
    });

    it("a value that cannot be encoded rejects its call", async () => {
      const executor = make();
      const fails = () => executor.submit(contexts.inContext);
      expect(await rejection(contexts.unencodable.run("x", fails))).toMatchObject({ message: "cannot be encoded" });
      expect((await executor.submit(contexts.inContext)).request).toBeUndefined();
    });

    it("the caller has its own context again after the call", async () => {
      const executor = make();
      const own = new AsyncLocalStorage<string>();
      await own.run("mine", async () => {
        await executor.submit(contexts.inContext);
        expect(own.getStore()).toBe("mine");
        for await (const _ of executor.map(contexts.inContext as () => unknown, [1, 2])) expect(own.getStore()).toBe("mine");
      });
    });

    it("a context does not leak into the next call of its worker", async () => {
      const executor = make();
      await contexts.request.run({ id: "r1" }, () => executor.submit(contexts.inContext));
      expect((await executor.submit(contexts.inContext)).request).toBeUndefined();
    });

    it("a context that a call enters by enterWith() does not leak into the next call of its worker", async () => {
      const executor = make({ maxWorkers: 1 });
      const enter = (user: string): Promise<unknown>[] => [executor.submit(contexts.enters, user), executor.submit(contexts.entersLater, user)];
      const calls = [...enter("Ada"), ...enter("Grace")];
      for await (const seen of executor.stream(contexts.entersInStream, "Lin")) calls.push(Promise.resolve(seen));
      expect(await Promise.all([...calls, ...enter("Mary")])).toEqual(Array.from({ length: 7 }, () => "nobody"));
    });

    it("keeps the contexts of calls apart", async () => {
      const executor = make({ maxWorkers: 2 });
      const results = await Promise.all(Array.from({ length: 50 }, (_, id) => contexts.request.run({ id }, () => executor.submit(contexts.inContext))));
      expect(results.map((each) => each.request?.id)).toEqual(Array.from({ length: 50 }, (_, id) => id));
    });
  });
}
