// `npm test`: installs and builds where needed, then runs the tests of all packages. Its arguments go to vitest.
import { join } from "node:path";
import { args, exec, root, setup } from "./setup.mjs";

setup();
exec(process.execPath, [join(root, "node_modules/vitest/vitest.mjs"), "run", ...args]);
