// Loaders of TypeScript that are active in the main thread, and do not reach workers by themselves. The main side tells
// its threads of one by Node's environment data. The other side is entry/activate-loader.ts.

/** The key of the environment data. */
export const LOADER_KEY = "offloop.type-loader";

/** What activates the loader: ts-node's main module and its options as JSON, or a module whose export `register` has to be called, as `from` imports it. */
export type TypeLoader = { readonly tsNode: string; readonly options: string } | { readonly register: string; readonly from: string };
