// The expressions that the watching thread evaluates in the watched one, through the inspector.
// watched/capture-stack.ts puts the functions that they call into global properties.

const CAPTURE_NAME = "offloop.watchdog.capture";
const SOURCE_MAP_NAME = "offloop.watchdog.sourceMap";

/** The global property of the function that takes a stack. */
export const captureKey = Symbol.for(CAPTURE_NAME);

/** The global property of the function that finds the source map of a file. */
export const sourceMapKey = Symbol.for(SOURCE_MAP_NAME);

/** The source URL of the expressions. It marks the frame that is left out of a stack. */
export const PROBE_URL = "offloop:probe";

/** Takes a stack; its value is a `Capture` as JSON. */
export const captureExpression = `globalThis[Symbol.for("${CAPTURE_NAME}")]?.()\n//# sourceURL=${PROBE_URL}`;

/** Finds the source map of a file that a loader compiled in memory; its value is the map as JSON, or `""` if there is none. */
export function sourceMapExpression(file: string): string {
  return `globalThis[Symbol.for("${SOURCE_MAP_NAME}")]?.(${JSON.stringify(file)})\n//# sourceURL=${PROBE_URL}`;
}
