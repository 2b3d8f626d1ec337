// Markdown in, an HTML page out: the CPU-bound work of this example, a plain function of its text.
// It is the same function inline and offloaded; it knows neither servers nor workers.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import hljs from "highlight.js";
import MarkdownIt from "markdown-it";

const theme = readFileSync(createRequire(import.meta.url).resolve("highlight.js/styles/github.min.css"), "utf8");
const markdown = new MarkdownIt({ linkify: true, typographer: true, highlight: highlightCode });

/** Renders one document to a page of its own. The same text gives the same bytes. */
export function renderDocument(text: string): string {
  return `<!doctype html>\n<meta charset="utf-8">\n<style>${theme}</style>\n<article>\n${markdown.render(text)}</article>\n`;
}

/** Code with no language named, or one that is not known, is highlighted as the language that fits best. */
function highlightCode(code: string, language: string): string {
  if (hljs.getLanguage(language)) return hljs.highlight(code, { language, ignoreIllegals: true }).value;
  return hljs.highlightAuto(code).value;
}
