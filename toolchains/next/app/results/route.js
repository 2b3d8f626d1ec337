import { inspect } from "node:util";
import { results } from "../../program/results.js";

export const dynamic = "force-dynamic";

/** Next applies source maps to errors that are printed, and not to `stack`. */
export async function GET() {
  return Response.json(await results(inspect));
}
