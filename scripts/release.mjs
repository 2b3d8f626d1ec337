// Releases the packages whose changesets are merged:
//
//   npm run release -- --versions   raises the versions, and writes the changelogs and the lockfile
//   npm run release -- --publish    publishes each version that the registry does not have, and tags it
//   npm run release -- --dry-run    does both with the last commit, in a temporary folder, without publishing
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root, setup } from "./setup.mjs";

const { values } = parseArgs({ options: { versions: { type: "boolean" }, publish: { type: "boolean" }, "dry-run": { type: "boolean" } } });
if (Object.keys(values).length !== 1) {
  console.error("Say what to do: npm run release -- --versions, --publish or --dry-run");
  process.exit(2);
}
const { packageManager } = readJson(join(root, "package.json"));

setup();
if (values.versions) raiseVersions(root);
else if (values.publish) publish();
else dryRun();

function raiseVersions(folder) {
  changeset(folder, "version");
  pnpm(folder, "install", "--lockfile-only", "--offline");
}

function publish() {
  pnpm(root, "publish", "--recursive");
  changeset(root, "tag");
}

/** Raises the versions in a clone of the last commit, packs each package as its publication would, and checks what came of it. */
function dryRun() {
  const folder = mkdtempSync(join(tmpdir(), "offloop-release-"));
  try {
    execFileSync("git", ["clone", "--quiet", root, folder], { stdio: "inherit" });
    for (const name of readdirSync(join(root, "packages"))) cpSync(join(root, "packages", name, "dist"), join(folder, "packages", name, "dist"), { recursive: true });
    const announced = readChangesets(folder);
    const before = readManifests(folder);
    raiseVersions(folder);
    pnpm(folder, "install", "--frozen-lockfile", "--offline", "--ignore-scripts");
    pnpm(folder, "publish", "--recursive", "--dry-run", "--no-git-checks", "--report-summary");
    const published = new Map(readJson(join(folder, "pnpm-publish-summary.json")).publishedPackages.map(({ name, version }) => [name, version]));
    for (const { name, folder: place, version } of readManifests(folder)) {
      const texts = announced.filter(({ packages }) => packages.includes(name)).map(({ text }) => text);
      const old = before.find((each) => each.name === name).version;
      const changelog = join(place, "CHANGELOG.md");
      if (texts.length > 0 && version === old) throw new Error(`${name} has changesets, but its version stays ${old}.`);
      for (const text of texts) if (!readFileSync(changelog, "utf8").includes(text.split("\n")[0])) throw new Error(`${changelog} lacks ${JSON.stringify(text)}.`);
      if (published.get(name) !== version) throw new Error(`${name} ${version} would not be published, but ${published.get(name) ?? "nothing"}.`);
      console.log(`${name}: ${old} → ${version}, ${texts.length} changesets`);
    }
    if (readChangesets(folder).length > 0) throw new Error("Changesets are left after the versions were raised.");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readManifests(folder) {
  return readdirSync(join(folder, "packages")).map((name) => ({ folder: join(folder, "packages", name), ...readJson(join(folder, "packages", name, "package.json")) }));
}

/** The changesets that are not released: the packages of each, and its text. */
function readChangesets(folder) {
  const files = readdirSync(join(folder, ".changeset")).filter((file) => file.endsWith(".md"));
  return files.map((file) => {
    const [, head, text] = /^---\n([^]*?)\n---\n([^]*)$/.exec(readFileSync(join(folder, ".changeset", file), "utf8"));
    return { packages: [...head.matchAll(/^"(.*)":/gm)].map(([, name]) => name), text: text.trim() };
  });
}

function changeset(folder, command) {
  execFileSync(process.execPath, [join(root, "node_modules/@changesets/cli/bin.js"), command], { cwd: folder, stdio: "inherit" });
}

function pnpm(folder, ...args) {
  execFileSync("npx", ["--yes", "--loglevel=error", packageManager, ...args], { cwd: folder, stdio: "inherit" });
}

function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}
