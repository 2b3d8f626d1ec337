// Jest, and the vm pools of vitest, load modules in a context of their own. A copy of these packages in there would
// share nothing with the modules that it loads through Node, and on Node 20 and 22 Jest cannot load an ES module by
// `require()` at all. So each module that finds itself in such a context replaces its exports by those of the module
// that Node itself loads, once for all contexts.
import { basename } from "node:path";

/** Whether a module runs in the program's own context. The functions of `process` are always from there. */
export const inMainContext = "process.getBuiltinModule instanceof Function";

/** Node's own `createRequire`. Jest replaces the one that a module can see. */
export const hostsCreateRequire = `process.getBuiltinModule("node:vm").runInThisContext("process.getBuiltinModule('node:module').createRequire")`;

/** Refuses, in one sentence, a Node that cannot load an ES module by `require()`. */
export const checksNode =
  "if (/^(1?\\d|20\\.\\d|20\\.1[0-8]|21|22\\.\\d|22\\.1[01])\\./.test(process.versions.node)) throw new Error(`offloop needs Node.js 20.19, 22.12 or later, and this is ${process.version}. Run the program with a newer Node.js.`);";

const EXPORT = /^export \{ ([^}]+) \};$/m;
const DECLARATION = /^(?:var|let|class|(?:async )?function\*?|(const)) ([\w$]+)/gm;

/** Lets the module `file` hand over what it declares and exports. Exports of other modules are handed over there. */
export function handOver(file, code) {
  const exported = new Map();
  const [list, names] = EXPORT.exec(code) ?? [];
  for (const [local, shown = local] of names?.split(", ").map((each) => each.split(" as ")) ?? []) exported.set(local, shown);
  const declared = new Set();
  const assignable = code.replaceAll(DECLARATION, (text, constant, name) => {
    if (!exported.has(name)) return text;
    declared.add(name);
    return constant === undefined ? text : `let ${name}`;
  });
  if (declared.size === 0) return code;
  const taken = [...declared].map((local) => (exported.get(local) === local ? local : `${exported.get(local)}: ${local}`)).join(", ");
  return assignable.replace(list, () => `if (!(${inMainContext})) ({ ${taken} } = ${hostsCreateRequire}(import.meta.url)("./${basename(file)}"));\n${list}`);
}
