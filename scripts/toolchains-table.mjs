// The table of docs/toolchains.md, written from what `npm run toolchains` found. A toolchain's package.json says under
// `toolchain` how it is called, what to write for it, and what its outputs are.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./setup.mjs";

const page = join(root, "docs/toolchains.md");
const TABLE = /(?<=<!-- written by `npm run toolchains` -->\n\n)[^]*?(?=\n\n<!-- end -->)/;

/** What is checked, and the head of its column. */
const columns = {
  "exported function": "exported function",
  "inline arrow with a captured variable": "arrow function that captures",
  "on a process": "process",
  actor: "actor",
  "error with class name and code": "class and `code` of an error",
  "stack with the worker's and the caller's source lines": "source lines of an error",
  "the line that holds the loop": "watchdog's source line",
};

/**
 * The rows of one toolchain, by their names.
 * @param found for each output, by Node's major version, what each check gave: `true`, or what the table says instead
 */
export function rowsOf(toolchain, found) {
  const { toolchain: about } = JSON.parse(readFileSync(join(root, "toolchains", toolchain, "package.json"), "utf8"));
  const outputs = Object.entries(about.outputs);
  const groups = about.name === undefined ? outputs.map(([output, { name, step }]) => ({ name, step, members: [output] })) : [{ ...about, members: outputs.map(([output]) => output) }];
  return new Map(groups.map(({ name, step, members }) => {
    const runs = members.flatMap((output) => Object.values(found[output] ?? {}));
    const cells = Object.keys(columns).map((check) => cellOf(runs.map((run) => run[check])));
    const texts = about.name === undefined ? "" : `${members.map((output) => about.outputs[output]).join("; ")}; `;
    return [name, `| ${[name, step, ...cells, `${texts}Node ${listed(Object.keys(found[members[0]] ?? {}))}`].join(" | ")} |`];
  }));
}

function cellOf(results) {
  const texts = [...new Set(results.map((result) => (result === true ? "ok" : typeof result === "string" ? result : "missing")))];
  return texts.length === 1 ? texts[0] : "missing";
}

function listed(items) {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

/** The rows of the page, by their names. */
export function readRows() {
  const lines = TABLE.exec(readFileSync(page, "utf8"))[0].split("\n").slice(2);
  return new Map(lines.filter((line) => line !== "").map((line) => [line.split(" | ")[0].slice(2), line]));
}

/** Writes the rows into the page, in alphabetical order. */
export function writeRows(rows) {
  const head = ["toolchain", "what to write", ...Object.values(columns), "tried as"];
  const sorted = [...rows].sort(([a], [b]) => a.toLowerCase().localeCompare(b.toLowerCase())).map(([, line]) => line);
  const table = [`| ${head.join(" | ")} |`, `|${"---|".repeat(head.length)}`, ...sorted].join("\n");
  writeFileSync(page, readFileSync(page, "utf8").replace(TABLE, () => table));
}
