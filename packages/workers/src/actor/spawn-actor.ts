// spawnActor(): the entry point. It locates the class or module that the actor is made from. The life of
// the actor is in actor-life.ts.
import { basename, extname } from "node:path";
import { invalidArgument } from "../executor/check-options.js";
import { noteCallers } from "../executor/callers.js";
import { FunctionTravelError, WorkerStartError } from "../executor/errors.js";
import { loadModule } from "../executor/load-module.js";
import { loadLeaving } from "../function/load-leaving.js";
import { moduleUrl } from "../function/task.js";
import type { ActorPlan } from "./actor-life.js";
import { type ActorOptions, defaultActorOptions, resolveActorOptions, type ResolvedActorOptions } from "./actor-options.js";
import type { Blueprint } from "../entry/actor-blueprint.js";
import { createRemote } from "../remote/remote.js";
import type { Actor, RemoteArguments } from "../remote/remote-types.js";
import { functionName } from "../executor/text-of.js";

type AnyClass = new (...args: never[]) => unknown;

/** `spawnActor` with the options of the view. */
export interface SpawnActor {
  /**
   * Starts an actor from a module. The exports of the module are the actor's members.
   *
   * The type argument is erased, and the module is not loaded on this side.
   * @param module its absolute URL: `new URL("./db.js", import.meta.url)`
   */
  <M extends object>(module: string | URL): Promise<Actor<M>>;
  /**
   * Starts an actor from a class: the worker constructs an instance. The worker imports an exported class;
   * any other class travels by value, as functions do.
   * @param args the constructor's arguments: copied, or marked by `proxy()`, or by `transfer()` (the actor can then start only once)
   */
  <C extends new (...args: never[]) => unknown>(Class: C, ...args: RemoteArguments<ConstructorParameters<C>>): Promise<Actor<InstanceType<C>>>;
  /** The same with these options. @throws InvalidOptionError names the option that does not fit */
  with(options: ActorOptions): SpawnActor;
}

/**
 * Starts an actor: an object with state that lives in its own thread or process, and whose methods are
 * called from this side.
 *
 * Calls begin in the order in which they are made; calls of asynchronous methods overlap as they do without
 * an actor. When the worker dies, the calls in flight reject with `WorkerCrashedError`; `restart` decides
 * whether a new one starts. `await using` waits for the calls in flight, runs the object's
 * `Symbol.asyncDispose` or `Symbol.dispose`, and ends the worker. The actor keeps the process alive only
 * while a call is in flight.
 * @returns the actor, when its object exists
 * @throws WorkerStartError if the worker, the module or the constructor fails; the reason is the cause
 * @throws FunctionTravelError if the class can be neither imported nor sent by value; the message has the reason
 * @throws CloneError if an argument cannot be copied; the message has the path
 * @example
 * await using store = await spawnActor(Store, "app.db");
 * await store.insert(rows);
 */
export const spawnActor: SpawnActor = spawnerWith(defaultActorOptions);

function spawnerWith(options: ResolvedActorOptions): SpawnActor {
  const spawn = async (subject: string | URL | AnyClass, ...args: unknown[]): Promise<unknown> => {
    const plan = await planOf(subject, args, options);
    const { ActorLife } = load(() => loadModule<typeof import("./actor-life.js")>(import.meta.url, "../actor/actor-life.js"), plan.name); // a program without actors does not load it
    return createRemote(await ActorLife.start(plan));
  };
  return Object.assign(spawn, { with: (more: ActorOptions) => spawnerWith(resolveActorOptions(more, options)) }) as SpawnActor;
}

async function planOf(subject: string | URL | AnyClass, args: readonly unknown[], options: ResolvedActorOptions): Promise<ActorPlan> {
  if (typeof subject === "function") {
    noteCallers(subject);
    const blueprint = await locateClass(subject as new (...args: unknown[]) => unknown);
    return { name: options.name ?? (functionName(subject) || "actor"), blueprint, args, options };
  }
  if (typeof subject !== "string" && !(subject instanceof URL)) {
    throw invalidArgument("spawnActor()", "a class or a module's absolute URL", subject, 'spawnActor(new URL("./db.js", import.meta.url))');
  }
  const url = moduleUrl("spawnActor()", subject);
  const name = options.name ?? basename(new URL(url).pathname, extname(new URL(url).pathname));
  return { name, blueprint: { kind: "module", url }, args: [], options };
}

/** Loads code of this package. It is read from files, which fails in a process without free descriptors. */
function load<T>(read: () => T, name: string): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof WorkerStartError) throw cause;
    throw new WorkerStartError(`The actor ${name} could not be started. Fix the reason, and spawn it again. ${String(cause)}`, { cause });
  }
}

/** Locates an exported class by reference. Any other class travels by value, captured by a function that constructs it. */
async function locateClass(Class: new (...args: unknown[]) => unknown): Promise<Blueprint> {
  const { locateFunction, locateMaker } = load(loadLeaving, functionName(Class) || "of a class");
  try {
    return { kind: "class", located: await locateFunction(Class as never) };
  } catch (error) {
    if (!(error instanceof FunctionTravelError)) throw error;
    return { kind: "maker", located: await locateMaker(Class) };
  }
}
