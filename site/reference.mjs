// Writes the reference from the doc comments: one page for each entry of each package, with a section for each
// export. An export without a doc comment fails, as does an option, and a link in a comment that leads nowhere.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { Application, ReflectionKind } from "typedoc";
import { MarkdownPageEvent } from "typedoc-plugin-markdown";
import { publicEntries } from "../scripts/api.mjs";
import { root } from "../scripts/setup.mjs";

/** The style sheet of the site sets the pages of the reference apart. */
const PAGE_CLASS = "---\npageClass: reference\n---\n\n";

/** @param {string} folder of the pages */
export async function writeReference(folder) {
  const entries = ownerFirst(publicEntries().entries.filter(isOwn));
  const application = await Application.bootstrapWithPlugins({
    // The declarations: their comments are those of the sources, and the types have been checked.
    entryPoints: entries.map(({ types }) => types),
    skipErrorChecking: true,
    tsconfig: join(root, "site/tsconfig.json"),
    plugin: ["typedoc-plugin-markdown", "typedoc-vitepress-theme"],
    name: "Reference",
    readme: "none",
    excludeInternal: true,
    excludePrivate: true,
    excludeExternals: true,
    disableSources: true,
    logLevel: "Warn",
    sort: ["alphabetical"],
    validation: { notDocumented: false, invalidLink: true, notExported: false },
  });
  const options = {
    out: folder, docsRoot: join(folder, ".."), outputFileStrategy: "modules", entryFileName: "index", hideBreadcrumbs: true, hidePageHeader: true,
    parametersFormat: "table", interfacePropertiesFormat: "table", typeAliasPropertiesFormat: "table", useCodeBlocks: true,
    useCustomAnchors: true, customAnchorsFormat: "curlyBrace",
  };
  for (const [option, value] of Object.entries(options)) application.options.setValue(option, value);
  const project = await application.convert();
  if (project === undefined) throw new Error("TypeDoc could not read the declarations: see above.");
  const specifiers = new Map(entries.map((entry) => [moduleNameOf(entry), entry.specifier]));
  for (const module of project.children) module.name = specifiers.get(module.name);
  const undocumented = withoutComment(project);
  if (undocumented.length > 0) throw new Error(`Give these a doc comment:\n${undocumented.join("\n")}`);
  application.validate(project);
  application.renderer.on(MarkdownPageEvent.END, (page) => (page.contents = PAGE_CLASS + withPlainIds(withShortReferences(page.contents))));
  await application.generateOutputs(project);
  if (application.logger.hasErrors() || application.logger.hasWarnings()) throw new Error("The reference has faults: see above.");
  writeOverview(folder, project.children, entries);
}

/** The first page of the reference, and its sidebar: the entries by package. */
function writeOverview(folder, modules, entries) {
  const rows = modules.map((module) => {
    const entry = entries.find(({ specifier }) => specifier === module.name);
    const own = (module.children ?? []).filter((child) => !child.isReference()).map(({ name }) => `\`${name}\``);
    const about = subpath(entry) === "" ? manifests().get(entry.package).description : own.length > 0 ? own.slice(0, 4).join(", ") + (own.length > 4 ? ", …" : "") : "loaded for what it does";
    return { name: module.name, package: entry.package, path: existsSync(join(folder, `${module.name}.md`)) ? `${module.name}.md` : `${module.name}/index.md`, about };
  });
  const sorted = rows.sort((a, b) => a.name.localeCompare(b.name));
  const table = sorted.map(({ name, path, about }) => `| [\`${name}\`](${path}) | ${about} |`).join("\n");
  writeFileSync(join(folder, "index.md"), `# Reference\n\nEach export stands on the page of the package that owns it. \`offloop\` exports what \`@offloop/workers\`, \`@offloop/core\` and \`@offloop/watchdog\` export.\n\n| import from | has |\n|---|---|\n${table}\n`);
  const groups = [...new Set(sorted.map((row) => row.package))].map((text) => ({ text, items: sorted.filter((row) => row.package === text).map(({ name, path }) => ({ text: name, link: `/reference/${path.replace(/(index)?\.md$/, "")}` })) }));
  writeFileSync(join(folder, "sidebar.json"), JSON.stringify(groups));
}

/** The exports, their members and overloads without a doc comment. A constructor is described by its class. A resolved option is the option of the same name. */
function withoutComment(project) {
  const exported = project.children.flatMap((module) => module.children ?? []).filter((each) => !each.isReference());
  const signaturesOf = (each) => (each.type?.type === "reflection" ? each.type.declaration : each).getAllSignatures();
  const isDocumented = (each) => each.hasComment() || signaturesOf(each).some((signature) => signature.hasComment());
  const members = exported.filter(({ name }) => !/^Resolved.*Options$/.test(name)).flatMap(membersOf);
  const overloads = [...exported, ...members].filter(({ kind }) => (kind & (ReflectionKind.Function | ReflectionKind.Method)) !== 0).flatMap(signaturesOf);
  return [...[...exported, ...members].filter((each) => !isDocumented(each)), ...overloads.filter((each) => !each.hasComment())].map((each) => each.getFriendlyFullName());
}

/** The members that an export declares itself. */
function membersOf(each) {
  const members = each.type?.type === "reflection" ? each.type.declaration.children : each.children;
  return (members ?? []).filter((member) => member.kind !== ReflectionKind.Constructor && !member.flags.isInherited && member.inheritedFrom === undefined);
}

/** The exports that have their section on another page, as one list. */
function withShortReferences(text) {
  return text.replace(/^## References\n[^]*?(?=^## |$(?![^]))/m, (section) => {
    const links = [...section.matchAll(/^(?:Re-exports|Renames and re-exports) (\[.*\]\(.*\))$/gm)].map(([, link]) => link);
    return `## Exported from here too\n\n${links.join(", ")}\n\n`;
  });
}

/** VitePress writes the id of a link with `-` for `_`. The headings and rows get the same ids. */
function withPlainIds(text) {
  return text.replaceAll(/\{#[^}\s]*\}|<a id="[^"]*">/g, (id) => id.replaceAll("_", "-"));
}

/** The entries of `offloop` have the exports of the other packages, which have the sections. Only what `offloop` adds has a page of its own. */
function isOwn({ specifier, package: name }, _index, entries) {
  return name !== "offloop" || !entries.some((other) => other.package !== name && subpath(other) === subpath({ specifier, package: name }));
}

/** A package stands before those that depend on it, and its main entry before its others: TypeDoc gives an export to the first module that has it. */
function ownerFirst(entries) {
  const all = manifests();
  const depth = (name) => 1 + Math.max(-1, ...Object.keys(all.get(name).dependencies ?? {}).filter((other) => all.has(other)).map(depth));
  return entries.sort((a, b) => depth(a.package) - depth(b.package) || a.package.localeCompare(b.package) || a.specifier.length - b.specifier.length);
}

const manifests = () => new Map(readdirSync(join(root, "packages")).map((folder) => JSON.parse(readFileSync(join(root, "packages", folder, "package.json"), "utf8"))).map((manifest) => [manifest.name, manifest]));

const subpath = (entry) => entry.specifier.slice(entry.package.length);

/** The name that TypeDoc gives to the module. */
function moduleNameOf({ types }) {
  return relative(join(root, "packages"), types).replaceAll("\\", "/").replace(/(\/index)?\.d\.ts$/, "");
}
