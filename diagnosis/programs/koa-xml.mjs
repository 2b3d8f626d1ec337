// A feed is parsed with an XML parser.
// packages: koa@3.3.0 @koa/router@15.7.0 fast-xml-parser@5.12.1
// requests: GET /feed
// advice: toThread(readFeed
import Router from "@koa/router";
import { XMLParser } from "fast-xml-parser";
import Koa from "koa";

const feed = `<rss>${Array.from({ length: 9_000 }, (_, id) => `<item id="${id}"><title>News ${id}</title><link>https://example.org/${id}</link><body>Text &amp; more ${id}</body></item>`).join("")}</rss>`;

function readFeed(text) {
  return new XMLParser({ ignoreAttributes: false }).parse(text).rss.item.length;
}

const router = new Router();
router.get("/feed", (context) => { context.body = String(readFeed(feed)); });
const server = new Koa().use(router.routes()).listen(0, () => console.log(`port ${server.address().port}`));
