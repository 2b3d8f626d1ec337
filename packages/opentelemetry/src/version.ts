// The version of this package. In the bundle of a program, another manifest or none lies beside the code.
import { readFileSync } from "node:fs";

/** The name of the instrumentation. */
export const PACKAGE = "@offloop/opentelemetry";

/** The version in the manifest beside the code; `unknown`: there is none. */
export function ownVersion(): string {
  try {
    const { name, version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { readonly name: string; readonly version: string };
    return name === PACKAGE ? version : "unknown";
  } catch {
    return "unknown";
  }
}
