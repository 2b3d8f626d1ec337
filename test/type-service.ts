// The editor's view of a package: signature help, hovers, completions and errors, as TypeScript's language
// service gives them. One service for each version; a query replaces the text of one file that is not on disk.
import { createRequire } from "node:module";
import { join } from "node:path";
import type TS from "typescript-6";

const require = createRequire(import.meta.url);

/** The first and the last of those that editors run and that have the API of the language service: TypeScript 7 has none. */
export const versions = ["typescript-5.6", "typescript-6"] as const;

/** Stands in the code where the cursor is. */
const CURSOR = "‸";

export interface TypeService {
  /** Each signature that is offered at the cursor. */
  signatures(code: string): string[];
  /** What is shown over the word at the cursor. */
  hover(code: string): string;
  /** The names that are offered at the cursor. */
  completions(code: string): string[];
  /** Each error, with its reasons. */
  errors(code: string): string[];
}

/** @param folder of the package that imports, such as `packages/core` */
export function typeService(version: (typeof versions)[number], folder: string, prelude: string): TypeService {
  const ts = require(version) as typeof TS;
  const file = join(folder, "test/types/editor.mts");
  let text = "";
  let edits = 0;
  const options: TS.CompilerOptions = {
    target: ts.ScriptTarget.ES2022, lib: ["lib.es2022.d.ts", "lib.esnext.disposable.d.ts"], types: ["node"], strict: true, skipLibCheck: true,
    module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, noEmit: true,
  };
  const service = ts.createLanguageService({
    getScriptFileNames: () => [file],
    getScriptVersion: (name) => (name === file ? String(edits) : "0"),
    getScriptSnapshot(name) {
      const content = name === file ? text : ts.sys.readFile(name);
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
    },
    getCurrentDirectory: () => folder,
    getCompilationSettings: () => options,
    getDefaultLibFileName: (each) => ts.getDefaultLibFilePath(each),
    fileExists: (name) => name === file || ts.sys.fileExists(name),
    readFile: (name) => (name === file ? text : ts.sys.readFile(name)),
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
    ...(ts.sys.realpath === undefined ? {} : { realpath: ts.sys.realpath }),
  });
  const open = (code: string): number => {
    text = `${prelude}\n${code.replace(CURSOR, "")}\n`;
    edits += 1;
    return prelude.length + 1 + code.indexOf(CURSOR);
  };
  const textOf = (parts: readonly TS.SymbolDisplayPart[] | undefined): string => (parts ?? []).map((part) => part.text).join("");
  return {
    signatures(code) {
      const help = service.getSignatureHelpItems(file, open(code), {});
      return (help?.items ?? []).map((item) => textOf(item.prefixDisplayParts) + item.parameters.map((each) => textOf(each.displayParts)).join(", ") + textOf(item.suffixDisplayParts));
    },
    hover: (code) => textOf(service.getQuickInfoAtPosition(file, open(code))?.displayParts),
    completions: (code) => (service.getCompletionsAtPosition(file, open(code), {})?.entries ?? []).map((entry) => entry.name),
    errors(code) {
      open(code);
      const found = [...service.getSyntacticDiagnostics(file), ...service.getSemanticDiagnostics(file)];
      return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
    },
  };
}
