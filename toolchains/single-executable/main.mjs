// Makes the executable, and runs it.
import { execFileSync } from "node:child_process";
import { copyFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

/** Node's documentation names both. */
const RESOURCE = "NODE_SEA_BLOB";
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

const app = resolve(`app-${process.versions.node}${process.platform === "win32" ? ".exe" : ""}`);
writeFileSync("sea.json", JSON.stringify({ main: resolve("program.cjs"), output: "program.blob", disableExperimentalSEAWarning: true }));
execFileSync(process.execPath, ["--experimental-sea-config", "sea.json"], { stdio: "ignore" });
copyFileSync(process.execPath, app);
execFileSync(process.execPath, ["tools/postject/dist/cli.js", app, RESOURCE, "program.blob", "--sentinel-fuse", FUSE], { stdio: "ignore" });
execFileSync(app, { stdio: "inherit" });
