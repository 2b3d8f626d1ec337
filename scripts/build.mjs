// `npm run build`: compiles types, examples and benches by tsc, then writes the bundles that ship
// and their CommonJS entries. Files that are up to date are left alone.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { bundle, packages, root } from "./bundle.mjs";
import { writeDoors } from "./doors.mjs";

const { status } = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-b"], { cwd: root, stdio: "inherit" });
if (status === 0) {
  await bundle();
  writeDoors(Object.keys(packages));
} else {
  process.exitCode = status ?? 1;
}
