import { execFileSync } from "node:child_process";

execFileSync(process.execPath, ["program/main.js"], { stdio: "inherit", env: { ...process.env, NODE_OPTIONS: "--require ./.pnp.cjs --experimental-loader ./.pnp.loader.mjs" } });
