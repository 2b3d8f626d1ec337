// ContextVar and Context: values that belong to a task, not to the thread. Each task runs in a copy of its
// creator's context, so the creator does not see what the task sets. One AsyncLocalStorage holds the context.
//
//   in a task, or in Context.run   `set` changes the context in place, so an awaited function sets values for its caller
//   outside                        `set` enters a changed copy, so two requests or timers never share values
import { AsyncLocalStorage } from "node:async_hooks";
import { anything, bindToThread, type Callable, type CallArguments, checkOption, checkOptions, flag, invalidArgument, nameText, type OptionTable, propagate } from "@offloop/workers/executor";
import { getRunningLoop } from "../loop/running-loop.js";
import { stayOf } from "./context-values.js";

const contexts = new AsyncLocalStorage<Context>();
/** Whether a variable has been made. Before that, no context is copied. */
let inUse = false;
/** The context of code in which no variable was set. It stays empty. */
let empty: Context | undefined;

/**
 * A set of values of ContextVars.
 * @see https://docs.python.org/3/library/contextvars.html#contextvars.Context
 */
export class Context {
  #values: Map<ContextVar<unknown>, unknown>;
  #entered = false;
  /** Whether the context was made for `run`, by a task or by the program. */
  #changeable = true;

  /** @throws InvalidArgumentError `values` are no pairs of a ContextVar and its value */
  constructor(values?: Iterable<readonly [ContextVar<unknown>, unknown]>) {
    this.#values = valuesOf(values);
  }

  /** The number of variables that have a value in this context. */
  get size(): number {
    return this.#values.size;
  }

  /** Whether the variable has a value in this context. Its default does not count. */
  has(variable: ContextVar<unknown>): boolean {
    return this.#values.has(variable);
  }

  /** The value of a variable in this context; `undefined` if it has none here, whatever its default. */
  get<T>(variable: ContextVar<T>): T | undefined {
    return this.#values.get(variable as ContextVar<unknown>) as T | undefined;
  }

  /** The variables that have a value in this context, with their values. Later changes of the context do not show. */
  entries(): IterableIterator<[ContextVar<unknown>, unknown]> {
    return new Map(this.#values).entries();
  }

  /** Returns a copy: changes of one do not show in the other. */
  copy(): Context {
    return Context.#of(this.#values);
  }

  /** Runs `fn`, and all code that it awaits, with this context as the current one. @throws Error a synchronous caller has entered the context already */
  run<A extends any[], R, This = void>(fn: Callable<A, R, This>, ...args: CallArguments<A>): R {
    if (this.#entered) throw new Error("The context is entered already. Run a copy() of it, or leave it first.");
    this.#entered = true;
    try {
      return contexts.run(this, fn, ...args);
    } finally {
      this.#entered = false;
    }
  }

  /** For variables: the context of this code from now on. @internal */
  static change(change: (values: Map<ContextVar<unknown>, unknown>) => void): void {
    const current = currentContext()!;
    if (current.#changeable) return change(current.#values);
    const changed = Context.unchangeable(current.#values);
    change(changed.#values);
    contexts.enterWith(changed);
  }

  /** A context of code outside tasks. @internal */
  static unchangeable(values?: Iterable<readonly [ContextVar<unknown>, unknown]>): Context {
    const context = Context.#of(values);
    context.#changeable = false;
    return context;
  }

  /** A context of values that have been checked. */
  static #of(values?: Iterable<readonly [ContextVar<unknown>, unknown]>): Context {
    const context = new Context();
    context.#values = new Map(values);
    return context;
  }
}

function valuesOf(values: Iterable<readonly [ContextVar<unknown>, unknown]> = []): Map<ContextVar<unknown>, unknown> {
  const refuse = (given: unknown) => invalidArgument("new Context()", "pairs of a ContextVar and its value", given, 'new Context([[user, "Ada"]])');
  if (typeof (values as Partial<typeof values> | null)?.[Symbol.iterator] !== "function") throw refuse(values);
  const pairs = [...values];
  for (const pair of pairs) if (!(Array.isArray(pair) && pair[0] instanceof ContextVar)) throw refuse(pair);
  return new Map(pairs);
}

/** The context of this code; `undefined`: no variable has been made. */
export function currentContext(): Context | undefined {
  return inUse ? (contexts.getStore() ?? (empty ??= Context.unchangeable())) : undefined;
}

/** A copy of the context of this code. @see https://docs.python.org/3/library/contextvars.html#contextvars.copy_context */
export function copyContext(): Context {
  return currentContext()?.copy() ?? new Context();
}

/** The result of `set`, which `reset` takes. */
export interface ContextToken<T> {
  /** The variable that was set. `reset` of any other one refuses the token. */
  readonly variable: ContextVar<T>;
  /** The value before the `set`, and whether there was one. */
  readonly old: { readonly value: T } | undefined;
}

/** Options of `new ContextVar`. */
export interface ContextVarOptions<T> {
  /** The result of `get` if the variable was not set. @default none: `get` throws */
  default?: T | undefined;
  /**
   * Whether calls on threads and in processes see the value, which is copied with each call. Create the variable in a
   * module that the workers import too, under a name that no other variable has. `true`: a value that cannot be copied
   * rejects the call. `false`: the value stays.
   * @default undefined: data of up to 1,000 parts crosses, and any other value stays, of which debug mode warns
   */
  propagate?: boolean | undefined;
}

const contextVarOptionTypes: OptionTable<ContextVarOptions<unknown>> = { default: anything, propagate: flag };

/**
 * A variable with a value for each task.
 * @see https://docs.python.org/3/library/contextvars.html#contextvars.ContextVar
 */
export class ContextVar<T> {
  /** The name from the constructor. A worker finds the variable by it. */
  readonly name: string;
  /** Whether its value does not cross by itself. @internal */
  readonly stays: boolean;
  readonly #default: { readonly value: T } | undefined;
  readonly #used = new WeakSet<ContextToken<T>>();

  static {
    bindToThread(this.prototype, "pass variable.get() as an argument, or export the function from a module that imports the variable, whose value then crosses by itself");
  }

  constructor(name: string, options?: ContextVarOptions<T>) {
    checkOption("new ContextVar()", "name", name, nameText);
    const given = checkOptions("new ContextVar()", options, contextVarOptionTypes as OptionTable<ContextVarOptions<T>>);
    this.name = name;
    // `default: undefined` is a default.
    this.#default = options !== undefined && Object.hasOwn(options, "default") ? { value: given.default as T } : undefined;
    inUse = true;
    this.stays = given.propagate !== undefined;
    if (given.propagate === true) propagate(this.#asStorage(), { name: `offloop.ContextVar.${name}` });
    if (!this.stays) letCross(this as ContextVar<unknown>);
  }

  /** @throws Error the variable was not set, and has no default */
  get(fallback?: T): T {
    const context = currentContext()!;
    if (context.has(this as ContextVar<unknown>)) return context.get(this) as T;
    if (arguments.length > 0) return fallback as T;
    if (this.#default !== undefined) return this.#default.value;
    throw new Error(`ContextVar ${this.name} has no value here and no default. Set it first, or give get() a fallback.`);
  }

  /** Sets the variable for the current task; outside tasks, for this code and the code that it starts from now on. @returns the token for `reset` */
  set(value: T): ContextToken<T> {
    const context = currentContext()!;
    const old = context.has(this as ContextVar<unknown>) ? { value: context.get(this) as T } : undefined;
    Context.change((values) => values.set(this as ContextVar<unknown>, value));
    return { variable: this, old };
  }

  /** Restores the value before the `set` that returned `token`. @throws InvalidArgumentError the token belongs to another variable; Error it was used */
  reset(token: ContextToken<T>): void {
    if (token?.variable !== this) throw invalidArgument(`reset() of ContextVar ${this.name}`, "the token that its set() returned", token);
    if (this.#used.has(token)) throw new Error(`The token of ContextVar ${this.name} has been used already. Each token resets once: keep the token of each set().`);
    this.#used.add(token);
    const { old } = token;
    Context.change((values) => (old === undefined ? values.delete(this as ContextVar<unknown>) : values.set(this as ContextVar<unknown>, old.value)));
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

// — the variables whose values cross to workers by themselves —

/** The variables by name; `undefined`: several variables have the name, and none of them crosses. */
const crossing = new Map<string, WeakRef<ContextVar<unknown>> | undefined>();
const forgotten = new FinalizationRegistry<string>((name) => {
  const variable = crossing.get(name);
  if (variable !== undefined && variable.deref() === undefined) crossing.delete(name);
});
/** Objects that came with a call. What goes back must not replace the originals by copies of copies. */
const arrived = new WeakSet<object>();
/** Variables of which debug mode has warned. */
const warned = new WeakSet<ContextVar<unknown>>();

function letCross(variable: ContextVar<unknown>): void {
  const { name } = variable;
  if (crossing.size === 0) propagate({ getStore: valuesToCross, run: withValues } as unknown as AsyncLocalStorage<Record<string, unknown>>, { name: "offloop.contextVars" });
  const first = crossing.get(name);
  const isTaken = crossing.has(name) && (first === undefined || first.deref() !== undefined);
  crossing.set(name, isTaken ? undefined : new WeakRef(variable));
  forgotten.register(variable, name);
}

/** The values of this context that cross, by the names of their variables. */
function valuesToCross(): Record<string, unknown> | undefined {
  let values: Record<string, unknown> | undefined;
  for (const [variable, value] of contexts.getStore()?.entries() ?? []) {
    if (variable.stays || (typeof value === "object" && value !== null && arrived.has(value))) continue;
    const stays = crossing.get(variable.name)?.deref() === variable ? stayOf(value) : "has the name of another variable";
    if (stays === undefined) (values ??= {})[variable.name] = value;
    else warnThatItStays(variable, stays);
  }
  return values;
}

function withValues(values: Record<string, unknown>, then: () => unknown): unknown {
  return copyContext().run(() => {
    for (const [name, value] of Object.entries(values)) {
      if (typeof value === "object" && value !== null) arrived.add(value);
      crossing.get(name)?.deref()?.set(value);
    }
    return then();
  });
}

function warnThatItStays(variable: ContextVar<unknown>, reason: string): void {
  if (warned.has(variable) || !getRunningLoop().debug) return;
  warned.add(variable);
  process.emitWarning(`The value of ContextVar ${variable.name} does not cross to workers: it ${reason}. Keep plain data in the variable, or write propagate: false in its options.`, { code: "OFFLOOP_CONTEXT_STAYS" });
}
