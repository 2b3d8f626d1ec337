// The options of map: type, defaults and check.
import { checkOptions, flag, integer, invalidArgument, type OptionTable } from "./check-options.js";

/** Options of `map`. */
export interface MapOptions {
  /**
   * The number of items in one message to a worker. `undefined`: the executor measures the items and adapts the number.
   * @default undefined; 1 to 2^32 − 1
   */
  chunkSize?: number | undefined;
  /**
   * The number of items that may be read from the source before the consumer takes their results.
   * @default undefined: enough to keep every worker busy; 1 to 2^32 − 1
   */
  bufferSize?: number | undefined;
  /**
   * `true`: results in the order of the items. `false`: results in the order in which they arrive.
   * @default true
   */
  ordered?: boolean | undefined;
}

/** Map options with every default filled in. */
export interface ResolvedMapOptions {
  readonly chunkSize: number | undefined;
  readonly bufferSize: number;
  readonly ordered: boolean;
}

const defaultMapOptions: ResolvedMapOptions = Object.freeze({ chunkSize: undefined, bufferSize: Infinity, ordered: true });

const MOST = 2 ** 32 - 1;
const mapOptionTypes: OptionTable<MapOptions> = { chunkSize: integer(1, MOST), bufferSize: integer(1, MOST), ordered: flag };

/** @throws InvalidOptionError; InvalidArgumentError a second iterable stands in the place of the options, as in Python */
export function resolveMapOptions(options: MapOptions | undefined): ResolvedMapOptions {
  if (Symbol.iterator in Object(options)) throw invalidArgument("map()", "one iterable of items, and then its options", options, "map(([a, b]) => f(a, b), pairs)");
  return options === undefined ? defaultMapOptions : ({ ...defaultMapOptions, ...checkOptions("map()", options, mapOptionTypes) } as ResolvedMapOptions);
}
