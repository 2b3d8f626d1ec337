// `pnpm bench`: sets up what is missing, then runs the benchmarks. Arguments go to the suite.
import { join } from "node:path";
import { exec, root, setup } from "./setup.mjs";

setup();
exec(process.execPath, ["--expose-gc", join(root, "bench/dist/main.js"), ...process.argv.slice(2)]);
