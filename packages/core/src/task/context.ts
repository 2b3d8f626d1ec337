// ContextVar and Context: values that belong to a task, not to the thread. Each task runs in a copy of
// its creator's context; what it sets is not seen outside. On one AsyncLocalStorage, which holds a
// context that changes in place, so that a function that is called sets values for its caller.
import { AsyncLocalStorage } from "node:async_hooks";
import { anything, type CallArguments, checkOption, checkOptions, flag, nameText, type OptionTable, propagate } from "@offloop/workers/executor";

const contexts = new AsyncLocalStorage<Context>();
/** Nothing is copied before the first variable is made. */
let inUse = false;
let outermost: Context | undefined;

/**
 * Values of ContextVars at one place.
 * @see https://docs.python.org/3/library/contextvars.html#contextvars.Context
 */
export class Context {
  #values: Map<ContextVar<unknown>, unknown>;
  #entered = false;

  constructor(values?: Iterable<readonly [ContextVar<unknown>, unknown]>) {
    this.#values = new Map(values);
  }

  get size(): number {
    return this.#values.size;
  }

  has(variable: ContextVar<unknown>): boolean {
    return this.#values.has(variable);
  }

  get<T>(variable: ContextVar<T>): T | undefined {
    return this.#values.get(variable as ContextVar<unknown>) as T | undefined;
  }

  entries(): IterableIterator<[ContextVar<unknown>, unknown]> {
    return new Map(this.#values).entries();
  }

  /** The same values, to be changed apart. */
  copy(): Context {
    return new Context(this.#values);
  }

  /** Runs `fn`, and all that it awaits, with this context as the current one. @throws Error it is being run, synchronously */
  run<A extends any[], R>(fn: (this: void, ...args: A) => R, ...args: CallArguments<A>): R {
    if (this.#entered) throw new Error("This context is entered already: run a copy(), or leave it first");
    this.#entered = true;
    try {
      return contexts.run(this, fn, ...args);
    } finally {
      this.#entered = false;
    }
  }

  /** For variables. @internal */
  put(variable: ContextVar<unknown>, value: unknown): void {
    this.#values.set(variable, value);
  }

  /** For variables. @internal */
  drop(variable: ContextVar<unknown>): void {
    this.#values.delete(variable);
  }
}

/** The context of this code; `undefined` as long as no variable has been made. */
export function currentContext(): Context | undefined {
  return inUse ? (contexts.getStore() ?? (outermost ??= new Context())) : undefined;
}

/** A copy of the context of this code. @see https://docs.python.org/3/library/contextvars.html#contextvars.copy_context */
export function copyContext(): Context {
  return currentContext()?.copy() ?? new Context();
}

/** What `set` gives, to undo it. */
export interface ContextToken<T> {
  readonly variable: ContextVar<T>;
  /** Whether there was a value before, and which. */
  readonly old: { readonly value: T } | undefined;
}

/** Options of `new ContextVar`. */
export interface ContextVarOptions<T> {
  /** What `get` gives where nothing was set. */
  default?: T | undefined;
  /**
   * Has calls on threads and in processes see the value: it is copied with each call. Make the
   * variable in a module that the workers import too.
   * @default false
   */
  propagate?: boolean | undefined;
}

const contextVarOptionTypes: OptionTable<ContextVarOptions<unknown>> = { default: anything, propagate: flag };

/**
 * A variable with a value for each task.
 * @see https://docs.python.org/3/library/contextvars.html#contextvars.ContextVar
 */
export class ContextVar<T> {
  readonly name: string;
  readonly #default: { readonly value: T } | undefined;
  readonly #used = new WeakSet<ContextToken<T>>();

  constructor(name: string, options?: ContextVarOptions<T>) {
    checkOption("new ContextVar()", "name", name, nameText);
    const given = checkOptions("new ContextVar()", options, contextVarOptionTypes as OptionTable<ContextVarOptions<T>>);
    this.name = name;
    // A default of `undefined` is one.
    this.#default = options !== undefined && Object.hasOwn(options, "default") ? { value: given.default as T } : undefined;
    inUse = true;
    if (given.propagate === true) propagate(this.#asStorage(), { name: `offloop.ContextVar.${name}` });
  }

  /** @throws Error nothing was set, and there is no default */
  get(fallback?: T): T {
    const context = currentContext()!;
    if (context.has(this as ContextVar<unknown>)) return context.get(this) as T;
    if (arguments.length > 0) return fallback as T;
    if (this.#default !== undefined) return this.#default.value;
    throw new Error(`ContextVar ${this.name} has no value here, and no default: set it, or give get() a fallback`);
  }

  /** Sets it for the current task. @returns what `reset` takes */
  set(value: T): ContextToken<T> {
    const context = currentContext()!;
    const old = context.has(this as ContextVar<unknown>) ? { value: context.get(this) as T } : undefined;
    context.put(this as ContextVar<unknown>, value);
    return { variable: this, old };
  }

  /** Puts back what was there before the `set` that gave `token`. @throws Error the token is another variable's, or was used */
  reset(token: ContextToken<T>): void {
    if (token?.variable !== this) throw new Error(`The token is not one of ContextVar ${this.name}`);
    if (this.#used.has(token)) throw new Error(`The token of ContextVar ${this.name} has been used already`);
    this.#used.add(token);
    if (token.old === undefined) currentContext()!.drop(this as ContextVar<unknown>);
    else currentContext()!.put(this as ContextVar<unknown>, token.old.value);
  }

  #asStorage(): AsyncLocalStorage<T> {
    const getStore = (): T | undefined => currentContext()!.get(this);
    const run = (value: T, fn: () => unknown): unknown =>
      copyContext().run(() => {
        this.set(value);
        return fn();
      });
    return { getStore, run } as unknown as AsyncLocalStorage<T>;
  }
}
