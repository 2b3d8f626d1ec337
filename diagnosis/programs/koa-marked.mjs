// A manual is rendered from Markdown.
// packages: koa@3.3.0 @koa/router@15.7.0 marked@18.2.1
// requests: GET /manual
// advice: toThread(renderManual
import Router from "@koa/router";
import Koa from "koa";
import { marked } from "marked";

const manual = Array.from({ length: 4_000 }, (_, chapter) => `## Chapter ${chapter}\n\nSome *text* with a [link](https://example.org/${chapter}), \`code\` and **bold** words.\n\n- one\n- two\n  - three\n\n| a | b |\n|---|---|\n| 1 | 2 |\n`).join("\n");

function renderManual() {
  return marked.parse(manual);
}

const router = new Router();
router.get("/manual", (context) => { context.body = renderManual(); });
const server = new Koa().use(router.routes()).listen(0, () => console.log(`port ${server.address().port}`));
