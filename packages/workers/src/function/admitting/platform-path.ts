// Paths of exports that lead to functions of the platform, such as `render.constructor`, which would compile code.

/** Steps of a path that lead from any export to functions of the platform. */
const TO_PLATFORM = new Set(["caller", "callee", "arguments", "prototype", ...[Object, Function, Array].flatMap((each) => Object.getOwnPropertyNames(each.prototype))]);

/** Whether a path such as `render.constructor` leaves what its module exports. */
export function leadsToPlatform(path: string): boolean {
  return path.split(".").some((step) => TO_PLATFORM.has(step));
}
