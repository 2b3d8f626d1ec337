// The errors of @offloop/watchdog. Each class has its own stable `code`; compare the code, not the message.

/** The base class of every error that this package raises. */
export class WatchdogError extends Error {
  /** Stable across releases: `ERR_OFFLOOP_…`. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  static {
    this.prototype.name = "WatchdogError";
  }
}

/** An option, an argument or an `OFFLOOP_*` variable has a value that it does not take. */
export class WatchdogOptionError extends WatchdogError {
  /** The name of the option, argument or variable. */
  readonly option: string;

  constructor(option: string, got: unknown, takes: string) {
    super("ERR_OFFLOOP_WATCHDOG_OPTION", `${option} takes ${takes}; got ${describe(got)}.`);
    this.option = option;
  }

  static {
    this.prototype.name = "WatchdogOptionError";
  }
}

function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return `a function (${value.name || "anonymous"})`;
  if (typeof value === "object" && value !== null) return `an object (${value.constructor?.name ?? "null prototype"})`;
  return String(value);
}
