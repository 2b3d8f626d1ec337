// Paths of exports that lead to functions of the platform, such as `render.constructor`, which would compile code.

/** Steps of a path that lead from any export to functions of the platform. A `name` or `length` is a string or a number, unless a program defines a function of that name. */
const TO_PLATFORM = new Set(["caller", "callee", "arguments", "prototype", ...[Object, Function, Array].flatMap((each) => Object.getOwnPropertyNames(each.prototype))]);
TO_PLATFORM.delete("name");
TO_PLATFORM.delete("length");

/** Whether a path such as `render.constructor` leaves what its module exports. */
export function leadsToPlatform(path: string): boolean {
  return path.split(".").some((step) => TO_PLATFORM.has(step));
}
