// The error of a function that cannot travel, and of an argument or a result that cannot, ends with the line to write.
import { FunctionTravelError, ThreadPoolExecutor } from "@offloop/workers";
import { afterAll, expect, it } from "vitest";

const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
afterAll(() => pool.shutdown());

class Cart {
  readonly total = 3;
  sum(): number {
    return this.total;
  }
  later(): unknown {
    return () => this.total;
  }
}
const cart = new Cart();
const capturesMethod = (() => {
  const run = cart.later() as () => number;
  return () => run();
})();

it.each<[string, unknown, string]>([
  ["a class", Cart, "Pass a function that makes an instance and returns data, (...args) => new Cart(...args).result(), or keep an instance in a worker: spawnActor(Cart)."],
  ["a method", cart.sum, "To call a method, pass (...args) => object.sum(...args)."],
  ["a bound method", cart.sum.bind(cart), "Pass an arrow function that calls it, (...args) => object.sum(...args). The object is captured."],
  ["an arrow that uses this", cart.later(), "Read what it needs into variables before the call, const { total } = this, and use those. They are captured."],
  ["a captured arrow that uses this", capturesMethod, "Read what it needs into variables before the call, const { total } = this, and use those. They are captured."],
])("%s gets the line to write", async (_, fn, advice) => {
  const error: unknown = await pool.submit(fn as () => number).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FunctionTravelError);
  expect((error as Error).message.endsWith(`. ${advice}`)).toBe(true);
});

it.each<[string, () => PromiseLike<unknown>, string]>([
  ["a generator function", () => pool.submit((function* () { yield 1; }) as never), "A generator function runs by stream(fn, ...args) of an executor, which gives its items."],
  ["a callback argument", () => pool.submit(((callback: () => void) => callback()) as never, ...([() => {}] as never[])), "A task calls functions of this thread by fromThread(fn, ...args), and reports by taskContext().progress() to onProgress. Else pass the data that the function needs."],
])("%s gets the function to call", async (_, call, advice) => {
  const error: unknown = await Promise.resolve(call()).catch((thrown: unknown) => thrown);
  expect((error as Error).message.endsWith(`. ${advice}`)).toBe(true);
});
