// The data that crosses when a function travels. function/leaving/ writes it on the calling side, and
// function/arriving/ reads it on the running side. Structured clone and node:v8's serializer both accept it, so
// threads and processes use the same form.
//
//   leaving/locate-function.ts ──── FunctionPayload, once a worker ────▶ arriving/resolve-function.ts
//                              ──── Captures, with each call ──────────▶

/** How the other side loads a module: in the same way as this side has loaded it. */
export type ModuleLoader = "import" | "require" | "global";

/** A function, named by its module and export. */
export interface FunctionReference {
  /** Tells a reference from code that travels. */
  readonly kind: "reference";
  /** The URL of the module, or its specifier if there is a `from`. For `require`, its file URL. For `global`, which loads nothing, `"global"`. */
  readonly module: string;
  /** The URL of the module that imports it by this specifier. */
  readonly from?: string;
  /** The property path from the module's namespace, from `module.exports`, or from the global object: `render`, `Parser.parse`. Empty for `module.exports` itself. */
  readonly export: string;
  /** How the other side loads the module. */
  readonly loader: ModuleLoader;
  /** The name of the function in errors and events. */
  readonly name: string;
}

/** A function as code, with the functions that it captures. The first one is called. */
export interface FunctionProgram {
  readonly kind: "value";
  /** Equal for all functions of the same code. The worker caches the compiled form under this key. */
  readonly key: string;
  readonly name: string;
  readonly functions: readonly FunctionCode[];
  /** Captured values that are not data. */
  readonly links: readonly Link[];
  /** Variables that several functions share, because one of them assigns to the variable. */
  readonly cells: readonly Cell[];
  /** The source maps of scripts that were compiled in memory, as JSON, each with the position in `functions` of a function of its script. */
  readonly maps?: readonly (readonly [index: number, map: string])[] | undefined;
  /** Whether each call brings `Captures`. Otherwise `captures` here serves all calls. */
  readonly captures: Captures | "each call";
}

/** One function or class of a program. */
export interface FunctionCode {
  readonly name: string;
  /** An expression that evaluates to the function. */
  readonly code: string;
  readonly strict: boolean;
  readonly isClass: boolean;
  /** The captured variables. `Captures.variables` has their values in the same order. */
  readonly variables: readonly string[];
  /** Positions in `variables` of the variables that the definition of the class needs. */
  readonly eager: readonly number[];
  /** The script and the position in it, for stack traces and `import()`. Counted from zero. */
  readonly url: string;
  readonly line: number;
  readonly column: number;
  /** The name under which the function sees `import.meta`, if it uses it. */
  readonly importMeta: string | undefined;
  readonly usesImport: boolean;
}

/** A variable, and every function that shares it. */
export interface Cell {
  readonly name: string;
  /** Positions in `functions`. */
  readonly users: readonly number[];
}

/** A value that the other side obtains by name. */
export type Link =
  | FunctionReference
  | { readonly kind: "import"; readonly specifier: string; readonly name: string; readonly from: string }
  | { readonly kind: "require"; readonly from: string }
  | { readonly kind: "symbol"; readonly description: string; readonly registered: boolean };

/** The values of captured variables. Patches insert the values that are functions or links. */
export interface Captures {
  /** For each function of the program. */
  readonly variables: readonly unknown[][];
  /** `container[key] = target`. The target is a position in `functions`; positions after its end are in `links`. */
  readonly patches: readonly (readonly [container: object, key: string | number, target: number])[];
  /** Objects that are instances of a class: `Object.setPrototypeOf(object, target.prototype)`. */
  readonly instances: readonly (readonly [object: object, target: number])[];
  /** Properties that structured clone leaves out: hidden ones, those under symbols, and those of errors. The key of a symbol is its target. */
  readonly defined: readonly (readonly [object: object, key: string | number, descriptor: PropertyDescriptor])[];
  /** Objects without a prototype. */
  readonly bare: readonly object[];
  /** Objects of the platform that are created again: `container[key] = new name(...args)` at each place. */
  readonly remade: readonly { readonly name: string; readonly args: readonly unknown[]; readonly places: readonly (readonly [container: object, key: string | number])[] }[];
  /** Maps and Sets whose entries are added after the patches, in order. */
  readonly collections: readonly (readonly [collection: Map<unknown, unknown> | Set<unknown>, entries: readonly unknown[]])[];
  /** Properties of functions that their code does not create. */
  readonly properties: readonly FunctionProperty[];
  /** Constructors without `class` that inherit: `[child, parent]`. */
  readonly heirs: readonly (readonly [child: number, parent: number])[];
}

/** A property of a function or of its prototype. */
export interface FunctionProperty {
  /** The index of the function. */
  readonly owner: number;
  /** Whether the property is on the function or on its `prototype`. */
  readonly on: "function" | "prototype";
  /** The property's name, or the target that is its symbol. */
  readonly key: string | number;
  /** `value`, or `get` and `set`, with the flags of `Object.defineProperty`. */
  readonly descriptor: PropertyDescriptor;
}

/** A function in the form in which it travels. It is sent to a worker once. */
export type FunctionPayload = FunctionReference | FunctionProgram;

/** The result of locating a function: its payload, and the captured values of this call. */
export interface LocatedFunction {
  /** The same object for each call of the function, and for functions of the same code. */
  readonly payload: FunctionPayload;
  /** Sent with the call, if the payload says `captures: "each call"`. */
  readonly captures?: Captures;
}
