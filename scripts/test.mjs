// `npm test`: sets up what is missing, then runs every package's tests. Arguments go to vitest.
import { join } from "node:path";
import { args, exec, root, setup } from "./setup.mjs";

setup();
exec(process.execPath, [join(root, "node_modules/vitest/vitest.mjs"), "run", ...args]);
