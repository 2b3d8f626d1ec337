// `npm run soak`: runs the soak test at its full length, 200,000 calls. OFFLOOP_SOAK_CALLS sets another number
// of calls, and OFFLOOP_SOAK_SEED the seed.
import { join } from "node:path";
import { exec, root, setup } from "./setup.mjs";

setup();
process.env.OFFLOOP_SOAK_CALLS ??= "200000";
exec(process.execPath, [join(root, "node_modules/vitest/vitest.mjs"), "run", "--project", "workers", "soak", ...process.argv.slice(2)]);
