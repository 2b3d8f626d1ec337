// @Offload(): a method that runs on a worker of the application to which its object belongs.
//
//   decoration   keeps the method. Another one takes its place, which looks for the executor.
//   start        module.ts tells the classes of the application and its executor, and then the objects.
//   call         The object's executor runs the kept method, or else that of the newest application with its class.
import { type CallOptions, classNameOf, type Executor, InvalidArgumentError, InvalidStateError, resolveCallOptions } from "@offloop/workers/executor";

/** A decorator for methods that return a promise, because an offloaded method always does. */
export type OffloadDecorator = <F extends (...args: any[]) => Promise<unknown>>(target: object, name: string | symbol, descriptor: TypedPropertyDescriptor<F>) => void;

type Method = (...args: any[]) => Promise<unknown>;

const executorOfObject = new WeakMap<object, Executor>();
/** The executors of the applications that have a class, oldest first: for objects that are made for each request. */
const executorsOfClass = new WeakMap<object, Executor[]>();

/**
 * Runs the method on a worker thread of `OffloopModule` each time it is called. The method must not use `this`, and takes and
 * returns plain data. Like each call it may be cancelled by a `signal`, and rejects once the application has closed.
 * @param options options of the calls. `name` is `Class.method` by default.
 * @throws InvalidArgumentError it decorates something else than a method of a class's objects.
 * @throws InvalidOptionError
 * @throws (by rejection) what the method throws; any `OffloopError`; `InvalidStateError` where `OffloopModule` is not imported.
 * @example
 * class Reports {
 *   @Offload({ runTimeoutMs: 5_000 })
 *   async render(report: Report): Promise<string> { return template(report); }
 * }
 */
export function Offload(options: CallOptions = {}): OffloadDecorator {
  resolveCallOptions(options, undefined, "@Offload()");
  return (target, name, descriptor) => {
    const method = descriptor?.value as Method | undefined;
    if (typeof target !== "object" || typeof method !== "function") throw new InvalidArgumentError(`@Offload() takes a method of a class that is not static; got ${String(name)}.`);
    const callName = `${classNameOf(target)}.${String(name)}`;
    const views = new WeakMap<Executor, Executor>();
    async function offloaded(this: object, ...args: unknown[]): Promise<unknown> {
      const executor = executorFor(this);
      if (executor === undefined) throw new InvalidStateError(`${callName} is offloaded, but no running application with OffloopModule has its object. Import OffloopModule.forRoot(), and let Nest make the object.`);
      let view = views.get(executor);
      if (view === undefined) views.set(executor, (view = executor.with({ name: callName, ...options })));
      return view.submit(method as never, ...(args as never[]));
    }
    descriptor.value = offloaded as never;
  };
}

function executorFor(object: object | undefined): Executor | undefined {
  if (typeof object !== "object" || object === null) return undefined;
  return executorOfObject.get(object) ?? executorsOfClass.get(object.constructor)?.at(-1);
}

/** An application has the class. @returns a function that undoes this */
export function bindClass(type: object, executor: Executor): () => void {
  const executors = executorsOfClass.get(type) ?? [];
  executorsOfClass.set(type, [...executors, executor]);
  return () => void executorsOfClass.set(type, (executorsOfClass.get(type) ?? []).filter((each) => each !== executor));
}

/** An application has made the object. */
export function bindObject(object: object, executor: Executor): void {
  executorOfObject.set(object, executor);
}
