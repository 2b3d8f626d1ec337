// Renders Markdown to an HTML page: the CPU-bound work of this example. Both servers run this same function,
// which needs neither a server nor a worker.
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

/** For code without a language, or with an unknown one, highlight.js guesses the language. */
function highlightCode(code: string, language: string): string {
  if (hljs.getLanguage(language)) return hljs.highlight(code, { language, ignoreIllegals: true }).value;
  return hljs.highlightAuto(code).value;
}
