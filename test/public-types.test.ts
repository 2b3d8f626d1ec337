// Checks the shipped declarations: each type that a signature names is exported, and each option accepts `undefined`.
import type TS from "typescript-6";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
// @ts-expect-error a script without types
import { publicEntries } from "../scripts/api.mjs";

const ts = createRequire(import.meta.url)("typescript-6") as typeof TS;

interface Entry {
  /** The import specifier, such as `@offloop/workers/pool`. */
  readonly specifier: string;
  /** Its package, which is also its main entry. */
  readonly package: string;
  /** The path of its declarations. */
  readonly types: string;
}

/** The messages between the two ends of a line. An executor forwards them as they are, and does not read their parts. */
const carried: ReadonlySet<string> = new Set(["Contents", "FromWorker", "FunctionPayload", "LocatedFunction", "ToWorker"]);

const { entries, program } = publicEntries() as { entries: readonly Entry[]; program: TS.Program };
const checker = program.getTypeChecker();
const isOurs = (node: TS.Node): boolean => /\/packages\/[^/]+\/dist\//.test(node.getSourceFile().fileName);

/** The exports of an entry: each name with the symbol that declares it. */
function exportsOf(specifier: string): Map<string, TS.Symbol> {
  const source = program.getSourceFile(entries.find((entry) => entry.specifier === specifier)!.types)!;
  const module = checker.getSymbolAtLocation(source);
  return new Map((module === undefined ? [] : checker.getExportsOfModule(module)).map((each) => [each.name, declared(each)]));
}

/** The symbol behind imports, and behind `type EventLoop = LoopRegistry["loop"]`, whose name is that of the class. */
function declared(symbol: TS.Symbol): TS.Symbol {
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const [declaration] = target.declarations ?? [];
  if (declaration === undefined || !ts.isTypeAliasDeclaration(declaration) || !ts.isIndexedAccessTypeNode(declaration.type)) return target;
  return checker.getDeclaredTypeOfSymbol(target).symbol ?? target;
}

/** The module-level type that an identifier names, if one of our packages declares it. */
function namedBy(identifier: TS.Identifier): { symbol: TS.Symbol; declaration: TS.Declaration } | undefined {
  const found = checker.getSymbolAtLocation(identifier);
  const symbol = found && declared(found);
  const declaration = symbol?.declarations?.[0];
  if (symbol === undefined || declaration === undefined || !isOurs(declaration)) return undefined;
  const statement = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
  return ts.isSourceFile(statement.parent) ? { symbol, declaration } : undefined;
}

/**
 * The types that a declaration names and `nameable` lacks. Two kinds are no names of their own: a base that is
 * not exported counts as a part of the class or interface, and an alias within an alias as what it stands for.
 */
function unnameable(symbol: TS.Symbol, nameable: ReadonlySet<TS.Symbol>): Set<string> {
  const missing = new Set<string>();
  const seen = new Set<TS.Symbol>();
  const walkAll = (each: TS.Symbol): void => {
    if (seen.has(each)) return;
    seen.add(each);
    for (const declaration of each.declarations ?? []) walk(declaration, ts.isTypeAliasDeclaration(declaration));
  };
  const walk = (node: TS.Node, inAlias: boolean): void => {
    // The compiler prints a brand by the type that has it.
    if (ts.isComputedPropertyName(node) || ts.isTypeQueryNode(node)) return;
    if (ts.isIdentifier(node)) {
      const named = namedBy(node);
      if (named === undefined || nameable.has(named.symbol)) return;
      const isBase = ts.isExpressionWithTypeArguments(node.parent);
      if (!isBase && !(named.symbol.flags & ts.SymbolFlags.Type)) return; // a property's name
      const partOf = isBase || (inAlias && ts.isTypeAliasDeclaration(named.declaration));
      if (partOf || seen.has(named.symbol)) walkAll(named.symbol);
      else missing.add(named.symbol.name);
      return;
    }
    if (ts.isConstructorDeclaration(node) && !symbol.declarations?.includes(node.parent)) return; // of a base
    ts.forEachChild(node, (child) => walk(child, inAlias));
  };
  walkAll(symbol);
  return missing;
}

describe.each(entries)("$specifier", ({ specifier, package: main }) => {
  const exported = exportsOf(specifier);

  it("exports each type that its signatures name, or its package does", () => {
    const nameable = new Set([...exported.values(), ...exportsOf(main).values()]);
    const missing = [...exported].filter(([name]) => !carried.has(name)).flatMap(([name, symbol]) => [...unnameable(symbol, nameable)].map((each) => `${name} names ${each}`));
    expect(missing).toEqual([]);
  });

  it("accepts undefined for each option", () => {
    expect([...exported].flatMap(([name, symbol]) => (name.endsWith("Options") ? refusingUndefined(name, symbol) : []))).toEqual([]);
  });

  it("says the default of each option, and its unit", () => {
    // Resolved options are what checked options become: nobody writes them.
    expect([...exported].flatMap(([name, symbol]) => (name.endsWith("Options") && !name.startsWith("Resolved") ? unexplained(name, symbol) : []))).toEqual([]);
  });

  it("gives each parameter a name, which an editor shows", () => {
    const destructured: string[] = [];
    const walk = (name: string, node: TS.Node): void => {
      if (ts.isParameter(node) && !ts.isIdentifier(node.name)) destructured.push(`${name}: ${node.getText()}`);
      ts.forEachChild(node, (child) => walk(name, child));
    };
    for (const [name, { declarations = [] }] of exported) for (const each of declarations.filter(isOurs)) walk(name, each);
    expect(destructured).toEqual([]);
  });
});

/** The options without a default in their doc comment, and those without the unit that their name promises. The reference of the site shows both. */
function unexplained(name: string, symbol: TS.Symbol): string[] {
  const own = checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol)).filter(({ flags, valueDeclaration }) => flags & ts.SymbolFlags.Optional && valueDeclaration !== undefined && isOurs(valueDeclaration));
  return own.flatMap((option) => {
    const tags = option.getJsDocTags(checker);
    const words = [option.getDocumentationComment(checker), ...tags.map(({ text }) => text)].map((parts) => ts.displayPartsToString(parts)).join(" ");
    const unit = /Ms$/.test(option.name) ? /millisecond/i : /Bytes$/.test(option.name) ? /byte/i : /(?:)/;
    return [...(tags.some((tag) => tag.name === "default" && tag.text !== undefined) ? [] : ["@default"]), ...(unit.test(words) ? [] : ["unit"])].map((missing) => `${name}.${option.name}: ${missing}`);
  });
}

/** The optional properties of a type of options whose type, as it is written, lacks `undefined`. */
function refusingUndefined(name: string, symbol: TS.Symbol): string[] {
  const optional = checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol)).filter(({ flags }) => flags & ts.SymbolFlags.Optional);
  return optional.flatMap(({ name: option, valueDeclaration }) => {
    const type = (valueDeclaration as TS.PropertySignature).type;
    return type !== undefined && checker.isTypeAssignableTo(checker.getUndefinedType(), checker.getTypeFromTypeNode(type)) ? [] : [`${name}.${option}`];
  });
}

it("the types of options are found", () => {
  expect([...exportsOf("offloop").keys()].filter((name) => name.endsWith("Options")).length).toBeGreaterThan(25);
});

/** Each number that the declarations of an export name, with what holds it: `sleep.delayMs`, `PoolOptions.maxQueue`. */
function numbersOf(name: string, symbol: TS.Symbol): string[] {
  const found: string[] = [];
  const walk = (node: TS.Node): void => {
    const named = ts.isParameter(node) || ts.isPropertySignature(node) || ts.isPropertyDeclaration(node) || ts.isGetAccessor(node);
    if (named && node.type !== undefined && /^number( \| undefined)?$/.test(node.type.getText())) found.push(`${name}.${node.name.getText()}`);
    ts.forEachChild(node, walk);
  };
  for (const declaration of (symbol.declarations ?? []).filter(isOurs)) walk(declaration);
  return found;
}

describe("names, in every entry", () => {
  const all = [...new Map(entries.flatMap(({ specifier }) => [...exportsOf(specifier)]))];
  const numbers = all.flatMap(([name, symbol]) => numbersOf(name, symbol));
  const lastOf = (path: string): string => path.slice(path.indexOf(".") + 1);

  it("a span of time ends in Ms", () => {
    const spans = numbers.filter((path) => /timeout|delay|grace|idle(?!Workers)|age$|threshold|duration|interval|elapsed|after|budget/i.test(lastOf(path)));
    expect(spans.length).toBeGreaterThan(20);
    expect(spans.filter((path) => !path.endsWith("Ms"))).toEqual(["EventLoop.awaitBudget", "EventLoop.budget", "EventLoopOptions.awaitBudget"]); // awaits
  });

  it("a size in bytes ends in Bytes, and a limit begins with max", () => {
    const sizes = numbers.filter((path) => /heap|memory/i.test(lastOf(path)));
    expect(sizes.length).toBeGreaterThan(2);
    expect(sizes.filter((path) => !path.endsWith("Bytes"))).toEqual([]);
    expect(numbers.filter((path) => /limit|most|upper|ceiling/i.test(lastOf(path))).sort()).toEqual(["CallGraphOptions.limit", "integer.most"]); // asyncio's, which may be negative; a bound of the checker
  });

  it("a class with shutdown(), close() or stop() also has a disposal symbol", () => {
    const members = ([, symbol]: [string, TS.Symbol]): string[] => checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol)).map((each) => each.name);
    const ending = [...exportsOf("offloop")].filter((each) => members(each).some((member) => /^(shutdown|close|stop)$/.test(member)));
    expect(ending.map(([name]) => name)).toEqual(expect.arrayContaining(["EventLoop", "Executor", "Runner", "ThreadPoolExecutor", "Watchdog"]));
    // The shutdown of a queue, as asyncio's, ends a flow of items. Nothing is left to dispose of.
    expect(ending.filter((each) => !members(each).some((member) => /^__@(asyncDispose|dispose)/.test(member))).map(([name]) => name).sort()).toEqual(["LifoQueue", "PriorityQueue", "Queue"]);
  });

  it("futures of both kinds have the same states", () => {
    const exported = exportsOf("offloop");
    const statesOf = (name: string): string => checker.typeToString(checker.getDeclaredTypeOfSymbol(exported.get(name)!), undefined, ts.TypeFormatFlags.InTypeAlias);
    expect(statesOf("FutureState").split(" | ").sort()).toEqual(statesOf("CallState").split(" | ").sort());
    expect(statesOf("CallState")).toContain('"pending"');
  });
});
