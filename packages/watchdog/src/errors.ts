// The errors of @offloop/watchdog. Each class has its own stable `code`; compare the code, not the message.

/** The base class of every error that this package raises. */
export class WatchdogError extends Error {
  /** The code of the class's instances. */
  static readonly code: string = "ERR_OFFLOOP_WATCHDOG";
  /** Stable across releases: `ERR_OFFLOOP_…`. */
  readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = new.target.code;
  }

  static {
    this.prototype.name = "WatchdogError";
  }
}

/** An option, an argument or an `OFFLOOP_*` variable has a value that it does not take, or there is no such option. */
export class WatchdogOptionError extends WatchdogError {
  static override readonly code = "ERR_OFFLOOP_WATCHDOG_OPTION";
  declare readonly code: "ERR_OFFLOOP_WATCHDOG_OPTION";
  /** The name of the option, argument or variable. */
  readonly option: string;

  constructor(option: string, message: string) {
    super(message);
    this.option = option;
  }

  static {
    this.prototype.name = "WatchdogOptionError";
  }
}

/** The watching thread could not be started, or has ended by itself. From then on no stall is seen. */
export class WatchdogFailedError extends WatchdogError {
  static override readonly code = "ERR_OFFLOOP_WATCHDOG_FAILED";
  declare readonly code: "ERR_OFFLOOP_WATCHDOG_FAILED";

  constructor(why: string, options?: ErrorOptions) {
    super(`The watching thread does not run, so stalls are not seen: ${why}. Fix the reason, and start another watchdog.`, options);
  }

  static {
    this.prototype.name = "WatchdogFailedError";
  }
}

/** The error of a value that does not fit. @param of the function that took the option; missing for a variable of the environment */
export function wrongOption(option: string, got: unknown, takes: string, of?: string): WatchdogOptionError {
  return new WatchdogOptionError(option, `${option}${of === undefined ? "" : ` of ${of}`} takes ${takes}; got ${describe(got)}.`);
}

/** @throws WatchdogOptionError `options` is no object, or has a key that is none of `known` */
export function checkKeys(of: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new WatchdogOptionError("options", `${of} takes its options as an object; got ${describe(options)}.`);
  }
  for (const key of Object.keys(options)) if (!known.includes(key)) throw unknownOption(of, key, known);
}

function unknownOption(of: string, key: string, known: readonly string[]): WatchdogOptionError {
  const [nearest] = known.map((name) => ({ name, distance: distanceOf(key.toLowerCase(), name.toLowerCase()) })).sort((a, b) => a.distance - b.distance);
  const meant = nearest !== undefined && nearest.distance <= Math.max(2, nearest.name.length / 3) ? `did you mean \`${nearest.name}\`?` : `it takes ${known.map((name) => `\`${name}\``).join(", ")}`;
  return new WatchdogOptionError(key, `unknown option \`${key}\` of ${of}; ${meant}`);
}

/** How many letters have to be put in, taken out or changed. */
function distanceOf(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= to.length; j += 1) row.push(Math.min(above[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1), row[j - 1]! + 1, above[j]! + 1));
    above = row;
  }
  return above[to.length]!;
}

function describe(value: unknown): string {
  try {
    return describeReadable(value);
  } catch {
    return `a value that cannot be read (${typeof value})`; // a getter threw
  }
}

function describeReadable(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return `a function (${String(value.name) || "anonymous"})`;
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return `an object (${String(value.constructor?.name ?? "null prototype")})`;
  return String(value);
}
