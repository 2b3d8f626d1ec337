// `npm run build`: types, examples and benches by tsc; then the bundles that ship. Does what is stale.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { bundle, root } from "./bundle.mjs";

const { status } = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-b"], { cwd: root, stdio: "inherit" });
if (status === 0) await bundle();
else process.exitCode = status ?? 1;
