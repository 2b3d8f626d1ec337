// A page that was fetched is searched for its links.
// packages: hono@4.13.19 @hono/node-server@2.1.9 cheerio@1.2.0
// requests: GET /links
// advice: toThread(findLinks
import { serve } from "@hono/node-server";
import * as cheerio from "cheerio";
import { Hono } from "hono";

const html = `<main>${Array.from({ length: 9_000 }, (_, id) => `<article class="entry e${id}"><h2>Title ${id}</h2><p>Text with a <a href="/page/${id}">link</a> and <em>more</em></p></article>`).join("")}</main>`;

function findLinks(text) {
  const $ = cheerio.load(text);
  return $("article.entry p > a").map((_, element) => $(element).attr("href")).get().length;
}

const app = new Hono();
app.get("/links", (context) => context.text(String(findLinks(html))));
serve({ fetch: app.fetch, port: 0 }, ({ port }) => console.log(`port ${port}`));
