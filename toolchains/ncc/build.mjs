// ncc takes no plug-ins: the packages stay external, and are installed beside the output.
import ncc from "@vercel/ncc";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

const { code, map } = await ncc(resolve("program/main.js"), { externals: ["offloop"], sourceMap: true, sourceMapRegister: false, filename: "main.mjs", cache: false, quiet: true });
mkdirSync("dist/external", { recursive: true });
writeFileSync("dist/external/main.mjs", code);
writeFileSync("dist/external/main.mjs.map", map);
symlinkSync(resolve("node_modules"), "dist/external/node_modules", "junction");
