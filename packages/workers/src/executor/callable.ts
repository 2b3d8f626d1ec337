// The types of a call: what can be called, with which arguments, and what arrives. Types only.
//
// Each was chosen by what it gives the caller in the compiler and the editor: test/types/ holds them.

/** Its name is what the compiler prints for a function that declares a `this`. */
declare const calledWithoutThis: unique symbol;

/** The `this` of a call. A function that declares another one does not compile as a call. */
type NoThis = typeof calledWithoutThis;

/** A function that an executor can call, or a reference to one. The executor calls it without a `this`. */
// `any`: with `unknown` the compiler refuses `(a: number, b = 5) => a + b`, whose second parameter has no type.
export type Callable<A extends any[], R> = (this: NoThis, ...args: A) => R;

/**
 * The arguments of a call: the parameters of its function, with their names.
 *
 * Equal to `A`. The compiler infers through a mapped type last, so the function decides what `A` is
 * and the arguments are checked against it. An arrow function without types takes `A` from the arguments.
 */
export type CallArguments<A extends any[]> = { [I in keyof A]: A[I] };

/** An item of `map`. Equal to `T`, and inferred as `CallArguments` are: from the function first. */
export type MapItem<T> = T & { [K in keyof T]: T[K] };

/** An export of a module, by its names. It is how references travel. */
export interface ModuleExport {
  /** The URL of the module, as `import()` takes it. */
  readonly module: string;
  /** The export's path: `render`, `default`, `Parser.parse`. */
  readonly export: string;
}

/**
 * A function named by its module instead of by its value; made by `workerModule`. It has a call
 * signature for the compiler alone: an executor calls it, the program cannot.
 */
export interface TaskReference<A extends any[] = never, R = unknown> extends ModuleExport {
  (this: typeof calledWithoutThis | "a reference is called by an executor: submit(reference, …) or toThread(reference, …)", ...args: A): R;
}

/** What an executor is given to call, as it sees it at run time. */
export type CallTarget = ((...args: never[]) => unknown) | ModuleExport;
