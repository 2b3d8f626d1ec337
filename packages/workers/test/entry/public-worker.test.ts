// The modules that a third-party worker entry loads through `@offloop/workers/worker`.
import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";

it("`@offloop/workers/worker` loads no code of the main side", () => {
  const program = `
    import { Session } from "node:inspector";
    const scripts = [];
    const session = new Session();
    session.connect();
    session.on("Debugger.scriptParsed", ({ params: { url } }) => url.includes("/dist/") && scripts.push(url));
    await import("@offloop/workers/worker");
    session.post("Debugger.enable");
    console.log(JSON.stringify(scripts));`;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8", cwd: new URL("../..", import.meta.url), env: { ...process.env, NODE_OPTIONS: "" } });
  const loaded = (JSON.parse(output) as string[]).map((url) => url.split("/dist/")[1] ?? url);
  expect(loaded.sort()).toEqual(["entry/bundle.js", "executor/bundle.js", "protocol/bundle.js", "worker/index.js"]);
});
