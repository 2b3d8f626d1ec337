// The site: its sections, its search and its look.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitepress";
import { pages } from "../pages.mjs";

const reference = fileURLToPath(new URL("../pages/reference/sidebar.json", import.meta.url));
const titleOf = (source) => /^# (.*)$/m.exec(readFileSync(fileURLToPath(new URL(`../../${source}`, import.meta.url)), "utf8"))[1].replaceAll("`", "");
const entry = (source, text = titleOf(source)) => ({ text, link: `/${pages.get(source).replace(/(index)?\.md$/, "")}` });
const below = (folder) => [...pages.keys()].filter((source) => source.startsWith(folder) && !source.endsWith(`${folder}README.md`)).sort();

const sections = [
  { text: "Start", items: [entry("README.md", "What it is"), entry("docs/five-minutes.md", "Start in five minutes"), entry("docs/recipes.md"), entry("docs/toolchains.md")] },
  { text: "Guides", items: [entry("docs/guides/calls.md"), entry("docs/servers.md"), ...["cancellation", "errors", "streams", "context"].map((name) => entry(`docs/guides/${name}.md`)), entry("docs/actors.md"), ...["testing", "deployment", "threads-processes-hosts", "hosts"].map((name) => entry(`docs/guides/${name}.md`)), entry("docs/watchdog.md", "Finding what blocks"), entry("docs/dump.md"), entry("docs/observability.md"), entry("docs/bullmq.md")] },
  { text: "Coming from", items: [entry("docs/from-asyncio.md", "asyncio"), ...below("docs/coming-from/").map((source) => entry(source))] },
  { text: "In detail", items: [entry("docs/executors.md"), entry("docs/what-travels.md"), entry("docs/loop.md"), entry("docs/conformance.md"), entry("docs/conventions.md"), entry("docs/custom-executors.md"), entry("docs/errors.md")] },
  { text: "Examples", collapsed: true, items: below("examples/").map((source) => entry(source)) },
  { text: "How it works", items: [entry("docs/how-it-works.md", "The journey of a call"), entry("ARCHITECTURE.md", "The map"), entry("docs/field.md"), entry("docs/decisions/README.md"), entry("CONTRIBUTING.md"), entry("SECURITY.md"), entry("CHANGELOG.md")] },
  { text: "Performance", items: [entry("docs/performance.md", "Charts, and how to read them"), entry("bench/README.md", "How it is measured"), entry("bench/RESULTS.md", "Results"), entry("bench/NEXT.md", "Missed targets")] },
];
const listed = new Set(sections.flatMap(({ items }) => items.map(({ link }) => link)));
const details = sections.find(({ text }) => text === "In detail").items;
// A page that no section names is one of the details. The page of the decisions lists its own.
details.push(...[...pages.keys()].filter((source) => !source.startsWith("docs/decisions/")).map((source) => entry(source)).filter(({ link }) => !listed.has(link)));

export default defineConfig({
  title: "offloop",
  description: "asyncio.to_thread for Node.js: run any function off the event loop, and see which line starves it.",
  srcDir: "pages",
  outDir: "dist",
  cacheDir: ".vitepress/cache",
  cleanUrls: true,
  head: [["link", { rel: "icon", href: "/icon.svg", type: "image/svg+xml" }]],
  lastUpdated: false,
  // Addresses of the programs that a page lets the reader start.
  ignoreDeadLinks: [/^http:\/\/localhost/],
  markdown: { theme: { light: "github-light", dark: "github-dark" } },
  vite: { publicDir: fileURLToPath(new URL("../pages/public", import.meta.url)), build: { chunkSizeWarningLimit: 4_000 } },
  themeConfig: {
    logo: "/icon.svg",
    search: { provider: "local" },
    outline: [2, 3],
    nav: [
      { text: "Guide", link: "/", activeMatch: "^/(?!reference|bench|performance)" },
      { text: "Reference", link: "/reference/" },
      { text: "Performance", link: "/performance" },
    ],
    sidebar: { "/": sections, "/reference/": existsSync(reference) ? JSON.parse(readFileSync(reference, "utf8")) : [] },
    socialLinks: [{ icon: "github", link: "https://github.com/offloop/offloop" }],
  },
});
