// The types of a call: the function, and its arguments. Types only.
//
// Each type was chosen for its effect in the compiler and the editor, which test/types/ checks.

/** The `this` of a call. A reference declares it, so that the program cannot call a reference. */
declare const calledWithoutThis: unique symbol;
type NoThis = typeof calledWithoutThis;

/** Refuses a function that declares a `this`. The compiler prints the text as the reason. */
type WithoutThis<This> =
  [void] extends [This] ? unknown
  : [NoThis] extends [This] ? unknown
  : "This function uses `this`, and a call has none: write (...args) => object.method(...args)";

/** A function that an executor can call, or a reference to one. The executor calls it without a `this`. */
// An executor of your own may take `Callable<A, R>`, without the check of `this`. With `unknown` in place of `any`, the compiler refuses `(a: number, b = 5) => a + b`, whose second parameter has no type.
export type Callable<A extends any[], R, This = any> = ((this: This, ...args: A) => R) & WithoutThis<This>;

/**
 * The arguments of a call: the parameters of its function, with their names.
 *
 * Equal to `A`. The compiler infers through a mapped type last. So the function determines `A`, and the arguments are
 * checked against it. An arrow function without types gets `A` from the arguments.
 */
export type CallArguments<A extends any[]> = { [I in keyof A]: A[I] };

/** An item of `map`. Equal to `T`, and inferred as `CallArguments` are: from the function first. */
export type MapItem<T> = T & { [K in keyof T]: T[K] };

/** An export of a module, by its names. References travel in this form. */
export interface ModuleExport {
  /** The URL of the module, as `import()` takes it. */
  readonly module: string;
  /** The export's path: `render`, `default`, `Parser.parse`. */
  readonly export: string;
}

/**
 * A function that is named by its module; made by `workerModule`. Only an executor can call it. The call signature
 * exists for the compiler alone.
 */
export interface TaskReference<A extends any[] = never, R = unknown> extends ModuleExport {
  (this: typeof calledWithoutThis | "a reference is called by an executor: submit(reference, …) or toThread(reference, …)", ...args: A): R;
}

/** A function or reference that an executor calls, as a type at run time. */
export type CallTarget = ((...args: never[]) => unknown) | ModuleExport;
