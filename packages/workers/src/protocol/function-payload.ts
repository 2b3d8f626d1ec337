// What crosses when a function travels. function/leaving/ writes it on the side that calls, function/arriving/
// reads it on the side that runs. It is plain data that structured clone and node:v8's serializer both take,
// so threads and processes share it.
//
//   leaving/locate-function.ts ──── FunctionPayload, once a worker ────▶ arriving/resolve-function.ts
//                              ──── Captures, with each call ──────────▶

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

/** A function in the form of its code, with the functions that it captures; the first is the one to call. */
export interface FunctionProgram {
  readonly kind: "value";
  /** The same for all functions of the same code: what the worker keeps the compiled form under. */
  readonly key: string;
  readonly name: string;
  readonly functions: readonly FunctionCode[];
  /** What they capture that is not data. */
  readonly links: readonly Link[];
  /** Variables that are one for several functions, since one of them assigns to it. */
  readonly cells: readonly Cell[];
  /** Whether each call brings `Captures`. If not, `captures` here serves them all. */
  readonly captures: Captures | "each call";
}

/** One function or class of a program. */
export interface FunctionCode {
  readonly name: string;
  /** An expression whose value is the function. */
  readonly code: string;
  readonly strict: boolean;
  readonly isClass: boolean;
  /** The captured variables; their values stand in the same order in `Captures.variables`. */
  readonly variables: readonly string[];
  /** Positions in `variables` of those without which the class cannot be made. */
  readonly eager: readonly number[];
  /** The script that it comes from, and where in it: for stack traces and `import()`. Counted from zero. */
  readonly url: string;
  readonly line: number;
  readonly column: number;
  /** The name under which it sees `import.meta`, if it does. */
  readonly importMeta: string | undefined;
  readonly usesImport: boolean;
}

/** A variable with all who share it. */
export interface Cell {
  readonly name: string;
  /** Positions in `functions`. */
  readonly users: readonly number[];
}

/** Something that is had on the other side by its name. */
export type Link =
  | FunctionReference
  | { readonly kind: "import"; readonly specifier: string; readonly name: string; readonly from: string }
  | { readonly kind: "require"; readonly from: string }
  | { readonly kind: "symbol"; readonly description: string; readonly registered: boolean };

/** The values of captured variables. Where a value is a function or a link, a patch puts it in its place. */
export interface Captures {
  /** For each function of the program. */
  readonly variables: readonly unknown[][];
  /** `container[key] = target`; the target is a position in `functions`, and from their end on in `links`. */
  readonly patches: readonly (readonly [container: object, key: string | number, target: number])[];
  /** Objects that are instances of a class: `Object.setPrototypeOf(object, target.prototype)`. */
  readonly instances: readonly (readonly [object: object, target: number])[];
  /** Objects of the platform that are made again: `container[key] = new name(...args)` at each of the places. */
  readonly remade: readonly { readonly name: string; readonly args: readonly unknown[]; readonly places: readonly (readonly [container: object, key: string | number])[] }[];
  /** Maps and Sets whose entries had to wait for patches, in order. */
  readonly collections: readonly (readonly [collection: Map<unknown, unknown> | Set<unknown>, entries: readonly unknown[]])[];
  /** Properties that functions have besides those that their code gives them. */
  readonly properties: readonly FunctionProperty[];
  /** Constructors made without `class` that inherit: `[child, parent]`. */
  readonly heirs: readonly (readonly [child: number, parent: number])[];
}

/** A property of a function or of its prototype. */
export interface FunctionProperty {
  readonly owner: number;
  readonly on: "function" | "prototype";
  /** The property's name, or the target that is its symbol. */
  readonly key: string | number;
  /** `value`, or `get` and `set`, with the flags as `Object.defineProperty` takes them. */
  readonly descriptor: PropertyDescriptor;
}

/** A function in the form in which it travels; sent to a worker once. */
export type FunctionPayload = FunctionReference | FunctionProgram;

/** What becomes of a function that is submitted: how it travels, and what this call adds to it. */
export interface LocatedFunction {
  /** The same object for each call of the function, and for functions of the same code. */
  readonly payload: FunctionPayload;
  /** Goes with the call, if the payload says `captures: "each call"`. */
  readonly captures?: Captures;
}
