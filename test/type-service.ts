// The editor's view of a package: signature help, hovers, completions and errors, as TypeScript gives them. One
// service for each version; a query replaces the text of one file that is not on disk.
//
//   5.6, 6   the language service of the package, called in this process
//   7        its language server, a process that speaks the Language Server Protocol: language-server.ts
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type TS from "typescript-6";
import { LanguageServer } from "./language-server.js";

const require = createRequire(import.meta.url);

/** The first and the last of those that editors run as a library, and the one that they run as a server. */
export const versions = ["typescript-5.6", "typescript-6", "typescript"] as const;
type Version = (typeof versions)[number];

/** Stands in the code where the cursor is. */
const CURSOR = "‸";

export interface TypeService {
  /** Each signature that is offered at the cursor. */
  signatures(code: string): Promise<string[]>;
  /** What is shown over the word at the cursor. */
  hover(code: string): Promise<string>;
  /** The names that are offered at the cursor, sorted. */
  completions(code: string): Promise<string[]>;
  /** Each error, with its reasons. */
  errors(code: string): Promise<string[]>;
  stop(): void;
}

/** @param folder of the package that imports, such as `packages/core` */
export function typeService(version: Version, folder: string, prelude: string): Promise<TypeService> {
  return version === "typescript" ? ofServer(folder, prelude) : ofLibrary(version, folder, prelude);
}

async function ofLibrary(version: Exclude<Version, "typescript">, folder: string, prelude: string): Promise<TypeService> {
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
    async signatures(code) {
      const help = service.getSignatureHelpItems(file, open(code), {});
      return (help?.items ?? []).map((item) => textOf(item.prefixDisplayParts) + item.parameters.map((each) => textOf(each.displayParts)).join(", ") + textOf(item.suffixDisplayParts));
    },
    hover: async (code) => textOf(service.getQuickInfoAtPosition(file, open(code))?.displayParts),
    completions: async (code) => (service.getCompletionsAtPosition(file, open(code), {})?.entries ?? []).map((entry) => entry.name).sort(),
    async errors(code) {
      open(code);
      const found = [...service.getSyntacticDiagnostics(file), ...service.getSemanticDiagnostics(file)];
      return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
    },
    stop: () => service.dispose(),
  };
}

async function ofServer(folder: string, prelude: string): Promise<TypeService> {
  const server = await LanguageServer.start(folder);
  const uri = pathToFileURL(join(folder, "test/types/editor.mts")).href;
  let edits = 0;
  /** Opens the file with this text, asks about the cursor, and closes it. */
  const ask = async <T>(method: string, code: string): Promise<T> => {
    const before = `${prelude}\n${code.slice(0, Math.max(0, code.indexOf(CURSOR)))}`.split("\n");
    const position = { line: before.length - 1, character: before.at(-1)!.length };
    server.notify("textDocument/didOpen", { textDocument: { uri, languageId: "typescript", version: (edits += 1), text: `${prelude}\n${code.replace(CURSOR, "")}\n` } });
    try {
      return await server.request<T>(method, { textDocument: { uri }, position });
    } finally {
      server.notify("textDocument/didClose", { textDocument: { uri } });
    }
  };
  return {
    async signatures(code) {
      const help = await ask<{ signatures: { label: string }[] } | null>("textDocument/signatureHelp", code);
      return (help?.signatures ?? []).map(({ label }) => label);
    },
    async hover(code) {
      const hover = await ask<{ contents: { value: string } } | null>("textDocument/hover", code);
      return /^```\w+\n(.*?)\n```/s.exec(hover?.contents.value ?? "")?.[1] ?? "";
    },
    async completions(code) {
      const list = await ask<{ items: { label: string }[] } | null>("textDocument/completion", code);
      // It offers the start of `[Symbol.…]` for members that have no name.
      return (list?.items ?? []).map(({ label }) => label.replace(/\?$/, "")).filter((label) => label !== "Symbol").sort();
    },
    async errors(code) {
      const { items } = await ask<{ items: { message: string; severity: number }[] }>("textDocument/diagnostic", code);
      return items.filter(({ severity }) => severity === 1).map(({ message }) => message);
    },
    stop: () => server.stop(),
  };
}
