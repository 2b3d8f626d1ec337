// A long file is shown with colours.
// packages: koa@3.3.0 highlight.js@11.12.0 lodash@4.18.1
// inputs: lodash/lodash.js
// requests: GET /source
// advice: toThread(highlight
import { readFileSync } from "node:fs";
import hljs from "highlight.js";
import Koa from "koa";

const code = readFileSync("input/lodash.js", "utf8");

function highlight() {
  return hljs.highlight(code, { language: "javascript" }).value;
}

const server = new Koa().use((context) => { context.body = highlight(); }).listen(0, () => console.log(`port ${server.address().port}`));
