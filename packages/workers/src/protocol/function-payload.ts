// What crosses when a function travels. Written by function/ on the main side, read by
// entry/resolve-function.ts in the worker. Plain data: both structured clone and node:v8's
// serializer take it, so threads and processes share it.
//
//   main   function/locate-function.ts ──── FunctionPayload ───▶ entry/resolve-function.ts   worker

/** How a module is loaded on the other side: the way it was loaded here. */
export type ModuleLoader = "import" | "require" | "global";

/** A function named by where it can be found again. */
export interface FunctionReference {
  readonly kind: "reference";
  /** The URL of the module; for `require` its file URL; for `global` nothing is loaded and it is `"global"`. */
  readonly module: string;
  /** The property path from the module's namespace (or `module.exports`, or the global object): `render`, `Parser.parse`. Empty for `module.exports` itself. */
  readonly export: string;
  readonly loader: ModuleLoader;
  /** What the function is called in errors and events. */
  readonly name: string;
}

/** A function in the form in which it travels. */
export type FunctionPayload = FunctionReference;
