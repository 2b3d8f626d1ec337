// `pnpm bench`: installs and builds where needed, then runs the benchmarks with its arguments.
import { join } from "node:path";
import { exec, root, setup } from "./setup.mjs";

setup();
exec(process.execPath, ["--expose-gc", join(root, "bench/dist/main.js"), ...process.argv.slice(2)]);
