// A source map can name any file. Lines are shown only of regular files below the program's folders.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { codeFrame } from "#watchdog/place/code-frame.js";
import { readSource } from "#watchdog/place/read-source.js";
import { originalPosition } from "#watchdog/place/source-maps.js";

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "offloop-map-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** A compiled file in a package, whose map says that its first line is the first line of `source`. @returns the frame that a report shows */
function frameOf(root: string, source: string, content?: string): string | undefined {
  mkdirSync(join(root, "dist"), { recursive: true });
  writeFileSync(join(root, "package.json"), "{}");
  const compiled = join(root, "dist", `${Math.random()}.js`);
  writeFileSync(compiled, `work();\n//# sourceMappingURL=${compiled.split("/").at(-1)}.map\n`);
  writeFileSync(`${compiled}.map`, JSON.stringify({ version: 3, sources: [source], names: [], mappings: "AAAA", ...(content === undefined ? {} : { sourcesContent: [content] }) }));
  const position = originalPosition(compiled, 1, 1)!;
  return codeFrame({ ...position, function: "work" });
}

it("shows the lines of a source in the package, also above the folder of the compiled file", () => {
  const root = folder();
  mkdirSync(join(root, "src"));
  writeFileSync(join(root, "src", "work.ts"), "const secret = 1;\n");
  expect(frameOf(root, "../src/work.ts")).toContain("const secret = 1;");
});

it("shows the lines of a source of another package in the workspace", () => {
  const root = folder();
  writeFileSync(join(root, "package.json"), "{}");
  mkdirSync(join(root, "packages", "other"), { recursive: true });
  writeFileSync(join(root, "packages", "other", "work.ts"), "const other = 1;\n");
  mkdirSync(join(root, "packages", "one"));
  expect(frameOf(join(root, "packages", "one"), "../../other/work.ts")).toContain("const other = 1;");
});

it("shows no line of a file outside, but the text that the map carries", () => {
  const outside = folder();
  writeFileSync(join(outside, "secret"), "password\n");
  for (const source of [join(outside, "secret"), `../../${outside.split("/").at(-1)}/secret`, "/etc/passwd", "file:///etc/passwd"]) {
    expect(frameOf(folder(), source)).toBeUndefined();
  }
  expect(frameOf(folder(), "/etc/hostname", "carried();\n")).toContain("carried();");
});

it.skipIf(process.platform === "win32")("shows no line of a file outside that a link inside leads to", () => {
  const [root, outside] = [folder(), folder()];
  writeFileSync(join(outside, "secret"), "password\n");
  mkdirSync(join(root, "src"));
  symlinkSync(join(outside, "secret"), join(root, "src", "file.ts"));
  symlinkSync(outside, join(root, "src", "folder"));
  for (const source of ["../src/file.ts", "../src/folder/secret"]) expect(frameOf(root, source)).toBeUndefined();
});

it.skipIf(process.platform === "win32")("shows the lines of a source in a package that is reached by a link", () => {
  const [root, linked] = [folder(), join(folder(), "linked")];
  mkdirSync(join(root, "src"));
  writeFileSync(join(root, "src", "work.ts"), "const linked = 1;\n");
  symlinkSync(root, linked);
  expect(frameOf(linked, "../src/work.ts")).toContain("const linked = 1;");
});

it.runIf(process.platform === "linux")("reads no file that has no size, because it may have no end", () => {
  expect(readSource("/proc/self/maps")).toBe("");
});

it.skipIf(process.platform === "win32")("reads no device, pipe or very large file, as source, map or compiled file", () => {
  const root = folder();
  mkdirSync(join(root, "src"));
  symlinkSync("/dev/zero", join(root, "src", "device.ts"));
  execFileSync("mkfifo", [join(root, "src", "pipe.ts")]);
  writeFileSync(join(root, "src", "large.ts"), "");
  truncateSync(join(root, "src", "large.ts"), 2 ** 32);
  for (const name of ["device.ts", "pipe.ts", "large.ts"]) {
    expect(frameOf(root, `../src/${name}`)).toBeUndefined();
    expect(originalPosition(join(root, "src", name), 1, 1)).toBeUndefined();
    const compiled = join(root, "dist", `${name}.js`);
    writeFileSync(compiled, `work();\n//# sourceMappingURL=../src/${name}\n`);
    expect(originalPosition(compiled, 1, 1)).toBeUndefined();
  }
});

it("shows no lines if the position is behind the end of its line, because something else runs", () => {
  const file = join(folder(), "work.ts");
  writeFileSync(file, "short();\nlonger(line);\n");
  const at = (column: number): string | undefined => codeFrame({ file, line: 1, column, function: "work" });
  expect(at(9)).toContain("> 1 | short();");
  expect(at(10)).toBe("The file was changed after the program started, and its lines are not the ones that run.");
  const hourAgo = Date.now() / 1_000 - 3_600;
  utimesSync(file, hourAgo, hourAgo);
  expect(at(10)).toBeUndefined(); // compiled in memory
});
