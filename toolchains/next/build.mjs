// The program as a route: built by Turbopack and by webpack with `output: "standalone"`, which is moved elsewhere, as built, and by the
// server for development.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const next = resolve("node_modules/next/dist/bin/next");

for (const bundler of ["turbopack", "webpack"]) {
  const built = `.next-${bundler}`;
  const environment = { DIST_DIR: built, NEXT_TELEMETRY_DISABLED: "1" };
  execFileSync(process.execPath, [next, "build", `--${bundler}`], { stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, ...environment } });

  const moved = join("dist", `${bundler}-standalone`);
  cpSync(join(built, "standalone"), moved, { recursive: true, verbatimSymlinks: true });
  // Next leaves the source maps out.
  cpSync(join(built, "server"), join(moved, built, "server"), { recursive: true, filter: (path) => !/\.[a-z]+$/.test(path) || path.endsWith(".map") });
  writeMain(moved, ["server.js"], ".", {});
  writeMain(join("dist", `${bundler}-start`), [next, "start"], resolve("."), environment);
  writeMain(join("dist", `${bundler}-dev`), [next, "dev", `--${bundler}`], resolve("."), { ...environment, DIST_DIR: `${built}-dev` });
}

/** Writes the program that starts the server, and prints what the route returns. */
function writeMain(folder, command, cwd, environment) {
  mkdirSync(folder, { recursive: true });
  cpSync("request.mjs", join(folder, "request.mjs"));
  writeFileSync(join(folder, "main.mjs"), `import { request } from "./request.mjs";\n\nconsole.log(await request(${JSON.stringify(command)}, ${JSON.stringify(cwd)}, ${JSON.stringify(environment)}));\n`);
}
