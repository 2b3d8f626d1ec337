// The pages of the site are the Markdown files of the repository. This module says which file becomes which page,
// and writes them to `site/pages` with links that hold on the site.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { root } from "../scripts/setup.mjs";

const repository = "https://github.com/offloop/offloop/blob/main/";

const markdownBelow = (folder) => readdirSync(join(root, folder), { recursive: true }).filter((name) => name.endsWith(".md")).map((name) => posix.join(folder, name.replaceAll("\\", "/")));
const index = (path) => path.replace(/README\.md$/, "index.md");

/** The path of each page below `site/pages`, by the path of its file in the repository. */
export const pages = new Map([
  ["README.md", "index.md"],
  ["ARCHITECTURE.md", "architecture.md"],
  ["CHANGELOG.md", "changelog.md"],
  ["CONTRIBUTING.md", "contributing.md"],
  ["SECURITY.md", "security.md"],
  ["bench/README.md", "bench/index.md"],
  ["bench/RESULTS.md", "bench/results.md"],
  ["bench/NEXT.md", "bench/next.md"],
  ...markdownBelow("docs").map((path) => [path, index(path.slice("docs/".length))]),
  ...readdirSync(join(root, "examples"))
    .filter((name) => existsSync(join(root, "examples", name, "README.md")))
    .map((name) => [`examples/${name}/README.md`, `examples/${name}.md`]),
]);

/** @param {string} folder of the pages */
export function writePages(folder) {
  cpSync(join(root, "site/public"), join(folder, "public"), { recursive: true });
  for (const [source, page] of pages) {
    const text = readFileSync(join(root, source), "utf8");
    write(join(folder, page), withPairs(withTabs(outsideCode(text, (part) => withLinks(part, source, page, folder)))));
  }
}

/** Applies `change` to the text, and leaves its fenced blocks of code as they are. */
function outsideCode(text, change) {
  return text
    .split(/^(```[^]*?^```$)/m)
    .map((part) => (part.startsWith("```") ? part : change(part)))
    .join("");
}

/** Links to files become links to their pages, or to the repository. Images are copied. */
function withLinks(text, source, page, folder) {
  const changed = (target) => {
    const [, path, anchor] = /^([^#]*)(#.*)?$/.exec(target);
    if (path === "" || /^[a-z]+:/.test(path)) return target;
    const file = posix.join(posix.dirname(source), path).replace(/\/$/, "");
    if (/\.(png|svg)$/.test(file)) {
      const image = posix.join("images", file.replaceAll("/", "-"));
      mkdirSync(join(folder, "public/images"), { recursive: true });
      cpSync(join(root, file), join(folder, "public", image));
      return `/${image}`;
    }
    if (!existsSync(join(root, file))) throw new Error(`${source} links to ${target}, which is no file.`);
    const own = pages.get(file) ?? pages.get(posix.join(file, "README.md"));
    return own === undefined ? repository + file + (anchor ?? "") : posix.relative(posix.dirname(page), own) + (anchor ?? "");
  };
  return text
    .replaceAll(/(\]\()([^()\s]+)(\))/g, (_, open, target, close) => open + changed(target) + close)
    .replaceAll(/(\bsrc=")([^"]+)(")/g, (_, open, target, close) => open + changed(target) + close);
}

/** The blocks of code between two `tabs` comments become tabs, named by the file in their first line. The prose between them follows. */
function withTabs(text) {
  return text.replaceAll(/^<!-- tabs -->$([^]*?)^<!-- \/tabs -->$/gm, (_, inside) => {
    const prose = inside.replaceAll(/^```[^]*?^```$/gm, "").replaceAll(/<\/?(details|summary)>|(?<=<summary>).*(?=<\/summary>)/g, "");
    return `${tabs(blocksOf(inside))}\n${prose}`;
  });
}

/** The blocks between two `side by side` comments become two columns: the last block, and those before it as tabs. The page becomes wide. */
function withPairs(text) {
  const paired = text.replaceAll(/^<!-- side by side -->$([^]*?)^<!-- \/side by side -->$/gm, (_, inside) => {
    const blocks = blocksOf(inside);
    return `<div class="side-by-side">\n<div>\n\n${tabs(blocks.slice(0, -1))}\n\n</div>\n<div>\n\n${tabs(blocks.slice(-1))}\n\n</div>\n</div>`;
  });
  return paired === text ? text : `---\naside: false\npageClass: wide\n---\n\n${paired}`;
}

const tabs = (blocks) => `::: code-group\n\n${blocks.join("\n\n")}\n\n:::`;

/** The blocks of code whose first line names their file, as VitePress has them. */
const blocksOf = (text) => [...text.matchAll(/^```(\w+)\n\/\/ (\S+)\n([^]*?)^```$/gm)].map(([, language, file, code]) => `\`\`\`${language} [${file}]\n${code}\`\`\``);

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
