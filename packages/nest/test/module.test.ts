// The module in applications of NestJS, and in its testing modules.
import "reflect-metadata";
import { once } from "node:events";
import http, { type IncomingMessage } from "node:http";
import { threadId } from "node:worker_threads";
import { Controller, Get, type INestApplication, Module } from "@nestjs/common";
import { ContextIdFactory } from "@nestjs/core";
import { Offload, OffloopExecutor, OffloopModule, type OffloopModuleOptions } from "@offloop/nestjs";
import { Test } from "@nestjs/testing";
import { startWatchdog } from "@offloop/watchdog";
import { ThreadPoolExecutor } from "@offloop/workers";
import { expect, it, onTestFinished } from "vitest";
import { ForRequest, Reports } from "./fixtures/reports.mjs";

async function moduleWith(options?: OffloopModuleOptions) {
  const module = await Test.createTestingModule({ imports: [OffloopModule.forRoot(options)], providers: [Reports, ForRequest] }).compile();
  await module.init();
  onTestFinished(() => module.close());
  return module;
}

const sharedWords = (): Int32Array => new Int32Array(new SharedArrayBuffer(8));

async function begun(words: Int32Array): Promise<void> {
  while (Atomics.load(words, 0) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
}

it("runs an offloaded method on a worker, with what its module has", async () => {
  const reports = (await moduleWith({ pool: { maxWorkers: 1 } })).get(Reports);
  const { n, thread } = (await reports.double(21)) as unknown as { readonly n: number; readonly thread: number };
  expect(n).toBe(42);
  expect(thread).not.toBe(threadId);
  expect(reports.here()).toBe(threadId);
  await expect(reports.fails()).rejects.toMatchObject({ name: "RangeError", message: "of the method" });
});

it("injects the executor", async () => {
  const module = await moduleWith({ pool: { maxWorkers: 1 } });
  const executor = module.get(OffloopExecutor);
  expect(executor).toBeInstanceOf(ThreadPoolExecutor);
  expect(await executor.submit((n: number) => n + 1, 1)).toBe(2);
  expect((module.get(Reports) as unknown as { executor: unknown }).executor).toBe(executor);
});

it("refuses a method that uses this, and says so", async () => {
  const reports = (await moduleWith()).get(Reports);
  await expect(reports.own()).rejects.toMatchObject({ code: "ERR_OFFLOOP_FUNCTION_TRAVEL", message: expect.stringContaining("it uses this") });
});

it("takes options from a factory", async () => {
  class Settings {}
  Module({ providers: [{ provide: "WORKERS", useValue: 3 }], exports: ["WORKERS"] })(Settings);
  const asyncModule = OffloopModule.forRootAsync({ imports: [Settings], inject: ["WORKERS"], useFactory: async (maxWorkers: number) => ({ pool: { maxWorkers } }) });
  const module = await Test.createTestingModule({ imports: [asyncModule], providers: [Reports] }).compile();
  await module.init();
  onTestFinished(() => module.close());
  const executor = module.get(OffloopExecutor);
  await executor.warmUp();
  expect(executor.stats().workers).toBe(3);
});

it("keeps an executor that the program passes", async () => {
  const executor = new ThreadPoolExecutor({ maxWorkers: 1 });
  onTestFinished(() => executor.shutdown());
  const module = await moduleWith({ executor });
  expect(module.get(OffloopExecutor)).toBe(executor);
  await module.get(Reports).double(1);
  await module.close();
  expect(await executor.submit((n: number) => n + 1, 1)).toBe(2);
});

it("closes all with the testing module: calls that run end first", async () => {
  const module = await moduleWith({ pool: { maxWorkers: 1 } });
  const executor = module.get(OffloopExecutor);
  const words = sharedWords();
  const call = module.get(Reports).holds(words);
  await begun(words);
  const closing = module.close();
  Atomics.store(words, 1, 1);
  Atomics.notify(words, 1);
  expect(await call).toBe("done");
  await closing;
  expect(executor.stats().workers).toBe(0);
  await expect(executor.submit((n: number) => n, 1)).rejects.toMatchObject({ code: "ERR_OFFLOOP_SHUTDOWN" });
});

it("cancels what is left after closeTimeoutMs", async () => {
  const module = await moduleWith({ pool: { maxWorkers: 1 }, closeTimeoutMs: 50 });
  const words = sharedWords();
  const call = module.get(Reports).holds(words);
  call.catch(() => {});
  await begun(words);
  await module.close();
  await expect(call).rejects.toMatchObject({ code: "ERR_OFFLOOP_CANCELLED" });
});

it("offloads methods of objects that are made for each request", async () => {
  const module = await moduleWith({ pool: { maxWorkers: 1 } });
  const object = await module.resolve(ForRequest, ContextIdFactory.create());
  expect(await object.double(4)).toBe(8);
});

it("keeps applications apart that have the same class", async () => {
  const [first, second] = [await moduleWith({ pool: { maxWorkers: 1 } }), await moduleWith({ pool: { maxWorkers: 1 } })];
  await first.get(Reports).double(1);
  expect([first, second].map((each) => each.get(OffloopExecutor).stats().submitted)).toEqual([1, 0]);
  await second.close();
  expect(await first.resolve(ForRequest, ContextIdFactory.create()).then((object) => object.double(4))).toBe(8);
});

it("answers the requests that it has before the pool ends", async () => {
  const module = await moduleWith({ pool: { maxWorkers: 1 } });
  const app: INestApplication = module.createNestApplication({ logger: false });
  const words = sharedWords();
  app.use((_request: unknown, response: http.ServerResponse) => void module.get(Reports).holds(words).then((text) => response.end(text)));
  await app.listen(0, "127.0.0.1");
  const { port } = (app.getHttpServer() as http.Server).address() as { readonly port: number };
  const answer = (async () => {
    const [response] = (await once(http.get({ port, host: "127.0.0.1", agent: false }), "response")) as [IncomingMessage];
    let text = "";
    for await (const chunk of response.setEncoding("utf8")) text += chunk;
    return text;
  })();
  await begun(words);
  const closing = app.close();
  Atomics.store(words, 1, 1);
  Atomics.notify(words, 1);
  expect(await answer).toBe("done");
  await closing;
  expect(module.get(OffloopExecutor).stats()).toMatchObject({ workers: 0, fulfilled: 1 });
});

it("a stall names the route of a controller without a line in the program", async () => {
  class Items {
    one(): string {
      const end = performance.now() + 300;
      while (performance.now() < end);
      return "one";
    }
  }
  Get("items/:id")(Items.prototype, "one", Object.getOwnPropertyDescriptor(Items.prototype, "one")!);
  Controller("shop")(Items);
  const app = (await Test.createTestingModule({ controllers: [Items] }).compile()).createNestApplication({ logger: false });
  onTestFinished(() => app.close());
  await app.listen(0, "127.0.0.1");
  const { port } = (app.getHttpServer() as http.Server).address() as { readonly port: number };
  const names = new Set<string | undefined>();
  const watchdog = startWatchdog({ thresholdMs: 50, report: "silent", onStall: ({ context }) => void names.add(context) });
  onTestFinished(() => watchdog.stop());
  await watchdog.ready();
  // On a busy machine a stall may be taken for a wait for the processor.
  while (!names.has("GET /shop/items/7 (route /shop/items/:id)")) {
    const [response] = (await once(http.get({ port, host: "127.0.0.1", path: "/shop/items/7?token=secret", agent: false }), "response")) as [IncomingMessage];
    response.resume();
    await watchdog.flush();
  }
  names.delete(undefined);
  expect([...names]).toEqual(["GET /shop/items/7 (route /shop/items/:id)"]);
});

it("says what is missing without the module", async () => {
  await expect(new Reports(undefined as never).double(1)).rejects.toMatchObject({ code: "ERR_OFFLOOP_INVALID_STATE", message: expect.stringContaining("Import OffloopModule.forRoot()") });
});

it.each<[string, object, string]>([
  ["pool", { pool: 5 }, "pool"],
  ["executor", { executor: {} }, "executor"],
  ["pool and executor", { pool: {}, executor: { submit() {}, stats() {}, with() {} } }, "executor"],
  ["closeTimeoutMs", { closeTimeoutMs: -1 }, "closeTimeoutMs"],
  ["workers", { workers: 4 }, "workers"],
])("refuses the option %s", async (_title, options, option) => {
  const refused = expect.objectContaining({ code: "ERR_OFFLOOP_INVALID_OPTION", option });
  expect(() => OffloopModule.forRoot(options as OffloopModuleOptions)).toThrow(refused);
  await expect(Test.createTestingModule({ imports: [OffloopModule.forRootAsync({ useFactory: () => options as OffloopModuleOptions })] }).compile()).rejects.toEqual(refused);
});

it("decorates methods only", () => {
  expect(() => Offload({ timeout: 5 } as never)).toThrow(expect.objectContaining({ code: "ERR_OFFLOOP_INVALID_OPTION", option: "timeout" }));
  const descriptor = { value: async () => {} };
  expect(() => Offload()(Reports, "static", descriptor)).toThrow(expect.objectContaining({ code: "ERR_OFFLOOP_INVALID_ARGUMENT" }));
});
