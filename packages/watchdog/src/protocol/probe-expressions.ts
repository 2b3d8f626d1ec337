// The expressions that the watching thread evaluates in the watched one, through the inspector.
// watched/capture-stack.ts puts the functions that they call into global properties.

const captureName = "offloop.watchdog.capture";
const sourceMapName = "offloop.watchdog.sourceMap";

/** The global property of the function that takes a stack. */
export const captureKey = Symbol.for(captureName);

/** The global property of the function that finds the source map of a file. */
export const sourceMapKey = Symbol.for(sourceMapName);

/** The source URL of the expressions. It marks the frame that is left out of a stack. */
export const probeUrl = "offloop:probe";

/** Takes a stack; its value is a `Capture` as JSON. */
export const captureExpression = `globalThis[Symbol.for("${captureName}")]?.()\n//# sourceURL=${probeUrl}`;

/** Finds the source map of a file that a loader compiled in memory; its value is the map as JSON, or `""` if there is none. */
export function sourceMapExpression(file: string): string {
  return `globalThis[Symbol.for("${sourceMapName}")]?.(${JSON.stringify(file)})\n//# sourceURL=${probeUrl}`;
}
