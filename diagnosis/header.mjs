// Reads what a program says of itself in the comment at its top.
//
//   // A line that says what the program does.
//   // packages: express@5.1.0 exceljs@4.4.0     installed for it
//   // requests: GET /a, POST /b                 made in turn, twice, after the program has printed `port <number>`
//   // inputs: lodash/lodash.js                  files of packages, copied to the folder input/
//   // command: eslint/bin/eslint.js {file}      run instead of the file; {file} is the file, which may be a configuration
//   // awaits: render                            the function that awaits where none of the program's own runs
//   // kind: callbacks | microtasks              the kinds that are right, where a profile does not show them
//   // advice: toThread(render | batch           parts of the advice, one of which is given
//   // quick: yes                                continuous integration runs it
//   // reason: V8 gives no line                  why it is told wrong
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

const keys = ["packages", "requests", "inputs", "command", "awaits", "kind", "advice", "quick", "reason"];

/** All programs of a folder, by name. */
export function readPrograms(folder) {
  return readdirSync(folder).toSorted().map((file) => readProgram(join(folder, file)));
}

function readProgram(file) {
  const text = readFileSync(file, "utf8");
  const [about, ...lines] = /^(?:\/\/ .*\n)+/.exec(text)[0].trim().split("\n").map((line) => line.slice("// ".length));
  const fields = Object.fromEntries(lines.map((line) => /^(\w+): (.+)$/.exec(line)?.slice(1) ?? [line, ""]));
  const unknown = Object.keys(fields).find((key) => !keys.includes(key));
  if (unknown !== undefined) throw new Error(`${file}: unknown line "${unknown}"; it takes ${keys.join(", ")}`);
  if (fields.packages === undefined || fields.advice === undefined) throw new Error(`${file}: the lines "packages" and "advice" are needed`);
  return {
    name: basename(file, ".mjs"),
    about,
    file,
    packages: fields.packages.split(" "),
    requests: fields.requests?.split(", ") ?? [],
    inputs: fields.inputs?.split(" ") ?? [],
    command: fields.command?.split(" "),
    awaits: fields.awaits,
    kind: fields.kind?.split(" | "),
    isQuick: fields.quick === "yes",
    reason: fields.reason,
    advice: fields.advice.split(" | "),
  };
}
