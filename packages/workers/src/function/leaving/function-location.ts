// The place in a script that says which function is meant.

/** Where a function was defined. */
export interface FunctionLocation {
  readonly scriptId: string;
  /** The name of the script: a URL, a path, any name, or empty for code created by eval. */
  readonly url: string;
  /** Counted from zero. */
  readonly line: number;
  /** Counted from zero. */
  readonly column: number;
  /** Whether it was defined in an ECMAScript module, not in CommonJS, a script, or eval. */
  readonly inModule: boolean;
  /** Whether it was made by `new Function` and has no variables around it. Its script is not known then: `scriptId` is its text. */
  readonly generated?: boolean;
}
