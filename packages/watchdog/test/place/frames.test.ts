// Where a frame is in the sources, and whose it is.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { describeFrame, packageOf } from "#watchdog/place/frames.js";

/** A program whose compiled file has a map: line n of the file is line 1 of source n. */
function compiled(file: string, sources: readonly string[], existing: readonly string[] = []): (line: number) => ReturnType<typeof describeFrame> {
  const root = mkdtempSync(join(tmpdir(), "offloop-frames-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  };
  const mappings = sources.map((_, index) => (index === 0 ? "AAAA" : "ACAA")).join(";");
  write(file, `${sources.map((_, index) => `line${index}();`).join("\n")}\n//# sourceMappingURL=map.json`);
  write(join(dirname(file), "map.json"), JSON.stringify({ version: 3, sources, names: [], mappings }));
  for (const name of existing) write(name, "");
  return (line) => {
    const frame = describeFrame({ file: join(root, file), line, column: 1, function: "run", async: false });
    return { ...frame, file: frame.file.replace(root, "") };
  };
}

it("asks whose a frame of a bundle is after the source map is applied", () => {
  const at = compiled("dist/server.js", ["../src/orders.ts", "../node_modules/dep/index.js", "webpack://app/./node_modules/@scope/dep/index.js"]);
  expect([1, 2, 3].map((line) => at(line)).map(({ file, origin }) => [file, origin])).toEqual([
    ["/src/orders.ts", "user"],
    ["/node_modules/dep/index.js", "dependency"],
    ["webpack://app/./node_modules/@scope/dep/index.js", "dependency"],
  ]);
  expect([1, 2, 3].map((line) => packageOf(at(line)))).toEqual([undefined, "dep", "@scope/dep"]);
});

it("gives the compiled position in a dependency whose source was not shipped", () => {
  const file = "node_modules/dep/dist/index.js";
  expect(compiled(file, ["../src/a.ts", "../src/index.ts"])(2)).toMatchObject({ file: `/${file}`, line: 2, origin: "dependency" });
  expect(compiled(file, ["../src/a.ts", "../src/index.ts"], ["node_modules/dep/src/index.ts"])(2)).toMatchObject({ file: "/node_modules/dep/src/index.ts", line: 1, origin: "dependency" });
});

it.each([
  ["/app/server.js", "user"],
  ["file:///app/server.js", "user"],
  ["[eval]", "user"],
  ["[worker eval]", "user"],
  ["views/table.ejs", "dependency"],
  ["wasm://wasm/1a2b", "dependency"],
  ["node:fs", "node"],
  ["evalmachine.<anonymous>", "node"],
  ["", "node"],
])("takes %s for code of: %s", (file, origin) => {
  expect(describeFrame({ file, line: 1, column: 1, function: "run", async: false }).origin).toBe(origin);
});
