// `npm run api`: writes the declarations of each public entry to packages/<name>/api/<entry>.api.md, sorted
// and without comments. A change of the public types is then a line in a review. Run it after the build.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript-6";

const root = fileURLToPath(new URL("..", import.meta.url));
const printer = ts.createPrinter({ removeComments: true, newLine: ts.NewLineKind.LineFeed });

/** The public entries of all packages, and a TypeScript program of their declarations in `dist`. */
export function publicEntries() {
  const entries = readdirSync(join(root, "packages")).flatMap(entriesOf);
  const program = ts.createProgram(entries.map(({ types }) => types), {
    target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, strict: true, exactOptionalPropertyTypes: true, skipLibCheck: true,
    noEmit: true, types: [],
  });
  return { entries, program };
}

/** The text of each report, by the path of its file. */
export function apiReports() {
  const { entries, program } = publicEntries();
  return new Map(entries.map((entry) => [entry.report, reportOf(program, entry)]));
}

function entriesOf(name) {
  const folder = join(root, "packages", name);
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return Object.entries(manifest.exports)
    .filter(([, target]) => target.import?.types !== undefined)
    .map(([path, target]) => ({
      specifier: path.replace(".", manifest.name),
      package: manifest.name,
      types: join(folder, target.import.types),
      report: join(folder, "api", `${path === "." ? "index" : path.slice(2).replaceAll("/", "-")}.api.md`),
    }));
}

function reportOf(program, { specifier, types }) {
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(types));
  const exported = module === undefined ? [] : checker.getExportsOfModule(module);
  const blocks = exported
    .map((symbol) => ({ name: symbol.name, target: symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, target }) => declarationsOf(name, target, specifier));
  const text = blocks.length === 0 ? "It exports nothing: it is loaded for what it does." : `\`\`\`ts\n${blocks.join("\n\n")}\n\`\`\``;
  return `# ${specifier}\n\nWritten by \`npm run api\`.\n\n${text}\n`;
}

/** The declaration of one export. For an export of another of our packages: its name, as that package's report has the declaration. */
function declarationsOf(name, symbol, specifier) {
  const own = `/packages/${specifier.replace("@offloop/", "").split("/")[0]}/dist/`;
  const declarations = symbol.declarations ?? [];
  const foreign = declarations.find((each) => !each.getSourceFile().fileName.includes(own));
  if (foreign !== undefined) return `// ${name}: from ${/packages\/([^/]+)\//.exec(foreign.getSourceFile().fileName)?.[1] ?? "elsewhere"}`;
  return declarations.map((each) => print(name, each)).join("\n");
}

function print(name, declaration) {
  const node = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
  const text = printer.printNode(ts.EmitHint.Unspecified, node, declaration.getSourceFile());
  return declaration.name?.getText() === name || declaration.name === undefined ? text : `// as ${name}\n${text}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const reports = apiReports();
  for (const name of readdirSync(join(root, "packages"))) rmSync(join(root, "packages", name, "api"), { recursive: true, force: true });
  for (const [path, text] of reports) {
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, text);
  }
}
