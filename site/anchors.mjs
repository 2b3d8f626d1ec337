// Checks the links of the built pages: each leads to a page that exists, and to an id of it.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

/** @param {string} folder of the built site */
export function checkAnchors(folder) {
  const pages = new Map(readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".html")).map((name) => [`/${name.replaceAll("\\", "/")}`, readFileSync(join(folder, name), "utf8")]));
  const ids = new Map([...pages].map(([path, html]) => [path, new Set([...html.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id))]));
  const dead = [];
  for (const [path, html] of pages) {
    for (const [, href] of html.matchAll(/<a\b[^>]*?\shref="([^"]*)"/g)) {
      const link = new URL(href.replaceAll("&amp;", "&"), `https://site.invalid${path}`);
      if (link.host !== "site.invalid") continue;
      const target = [link.pathname, `${link.pathname}.html`, posix.join(link.pathname, "index.html")].map(decodeURIComponent).find((candidate) => pages.has(candidate));
      const id = decodeURIComponent(link.hash.slice(1));
      if (target === undefined && existsSync(join(folder, decodeURIComponent(link.pathname)))) continue; // a picture
      if (target === undefined || (id !== "" && !ids.get(target).has(id))) dead.push(`${path}: ${href}`);
    }
  }
  if (dead.length > 0) throw new Error(`Links that lead nowhere:\n${dead.join("\n")}`);
}
