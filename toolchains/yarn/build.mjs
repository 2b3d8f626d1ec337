// A folder that Yarn has installed with Plug'n'Play: there is no node_modules.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const folder = join("dist", "pnp");
mkdirSync(folder, { recursive: true });
cpSync("program", join(folder, "program"), { recursive: true });
cpSync("main.mjs", join(folder, "main.mjs"));

// npm has written the tarballs of offloop's packages among the dependencies of this folder.
const { dependencies } = JSON.parse(readFileSync("package.json", "utf8"));
const packages = Object.fromEntries(Object.entries(dependencies).filter(([, from]) => from.startsWith("file:")).map(([name, from]) => [name, `file:${resolve(from.slice("file:".length))}`]));
writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module", dependencies: packages, resolutions: packages }));
writeFileSync(join(folder, ".yarnrc.yml"), ["nodeLinker: pnp", "enableGlobalCache: false", "enableImmutableInstalls: false", "enableTelemetry: false", ""].join("\n"));
writeFileSync(join(folder, "yarn.lock"), "");
execFileSync(process.execPath, [resolve("node_modules/@yarnpkg/cli-dist/bin/yarn.js"), "install"], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
