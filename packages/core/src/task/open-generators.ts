// Async generators that are driven by hand, and that nothing closes. Python's `sys.set_asyncgen_hooks` tells a loop which
// ones are open. JavaScript has no such hook, so debug mode notes each generator at its first use.
import type { LoopHost } from "../loop/host.js";
import { framesOfUsers } from "../loop/own-frames.js";
import { currentLoop, currentStrand } from "../loop/strand.js";

type Generator = AsyncGenerator<unknown, unknown, unknown>;

interface Noted {
  readonly loop: LoopHost;
  /** The task that began it, and the place. */
  readonly begunBy: string;
  /** What its newest `next()`, `return()` or `throw()` gave. */
  answer: Promise<IteratorResult<unknown>>;
}

/** A generator that ended by itself is forgotten when this many are noted. */
const SWEEP_AT = 1_000;

const noted = new Map<Generator, Noted>();
let sweepAt = SWEEP_AT;
/** The number of runners in debug mode. */
let watching = 0;

const prototype = Object.getPrototypeOf(async function* () {}.prototype) as Generator;
const native = { next: prototype.next, return: prototype.return, throw: prototype.throw };

/** The builtin methods, which also note the generator if a loop has started the calling code. */
const noting = {
  next(this: Generator, ...args: [unknown]) {
    return answered(this, Reflect.apply(native.next, this, args));
  },
  return(this: Generator, value: unknown) {
    return answered(this, Reflect.apply(native.return, this, [value]));
  },
  throw(this: Generator, error: unknown) {
    return answered(this, Reflect.apply(native.throw, this, [error]));
  },
};

function answered(generator: Generator, answer: Noted["answer"]): Noted["answer"] {
  const known = noted.get(generator);
  if (known !== undefined) known.answer = answer;
  else note(generator, answer);
  return answer;
}

/** Replaces those of the generators' methods that are `before`. */
function replaceMethods(before: object, after: object): void {
  for (const [name, value] of Object.entries(after)) {
    if (Reflect.get(prototype, name) === Reflect.get(before, name)) Reflect.defineProperty(prototype, name, { value, writable: true, configurable: true, enumerable: false });
  }
}

function note(generator: Generator, answer: Promise<IteratorResult<unknown>>): void {
  const loop = currentLoop();
  if (loop === undefined || !loop.debug) return;
  const frame = framesOfUsers(new Error())[0];
  const begunBy = [currentStrand()?.task.getName() ?? "a callback", ...(frame === undefined ? [] : [frame])].join(" ");
  noted.set(generator, { loop, begunBy, answer });
  if (noted.size >= sweepAt) sweep();
}

/** Notes the generators that code of loops in debug mode begins. @returns ends that */
export function watchGenerators(): () => void {
  watching += 1;
  if (watching === 1) replaceMethods(native, noting);
  return () => {
    watching -= 1;
    if (watching > 0) return;
    replaceMethods(noting, native);
    noted.clear();
    sweepAt = SWEEP_AT;
  };
}

/** The generators that code of `loop` left open. They are no longer noted. */
export async function takeOpenGenerators(loop: LoopHost): Promise<{ readonly generator: Generator; readonly begunBy: string }[]> {
  const mine = [...noted].filter(([, each]) => each.loop === loop);
  for (const [generator] of mine) noted.delete(generator);
  // A generator that still waits would answer `return()` only after that wait.
  const settled = mine.filter(([, { answer }]) => stateOf(answer) === "fulfilled");
  const results = await Promise.all(settled.map(([, { answer }]) => answer));
  return settled.filter((_, index) => results[index]!.done !== true).map(([generator, { begunBy }]) => ({ generator, begunBy }));
}

/** Forgets the generators that have ended. */
function sweep(): void {
  for (const [generator, { answer }] of noted) {
    const state = stateOf(answer);
    if (state === "rejected") noted.delete(generator);
    else if (state === "fulfilled") void answer.then(({ done }) => done === true && noted.get(generator)?.answer === answer && noted.delete(generator));
  }
  sweepAt = Math.max(SWEEP_AT, 2 * noted.size);
}

/** Reads the state of a promise from its text. A handler would tell it too, and would hide that the program handles no rejection. */
function stateOf(promise: Promise<unknown>): "pending" | "fulfilled" | "rejected" {
  const text = process.getBuiltinModule("node:util").inspect(promise, { depth: 0, customInspect: false });
  const [, state = "fulfilled"] = /^Promise \{\s*<(pending|rejected)>/.exec(text) ?? [];
  return state as "pending" | "fulfilled" | "rejected";
}
