import { execFileSync } from "node:child_process";

execFileSync(process.execPath, ["node_modules/ts-node/dist/bin.js", "program/main.ts"], { stdio: "inherit" });
