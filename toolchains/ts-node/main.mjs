import { execFileSync } from "node:child_process";

const options = ["--project", "config/tsconfig.json", "--compilerOptions", JSON.stringify({ jsx: "react", jsxFactory: "element" })];
execFileSync(process.execPath, ["node_modules/ts-node/dist/bin.js", ...options, "program/main-with-options.ts"], { stdio: "inherit" });
