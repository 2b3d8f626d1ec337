// A shop page comes from a Liquid template, whose engine is asynchronous.
// packages: hono@4.13.19 @hono/node-server@2.1.9 liquidjs@10.30.1
// requests: GET /shop
// awaits: shopPage
// advice: toThread(shopPage
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { Liquid } from "liquidjs";

const engine = new Liquid();
const template = engine.parse("{% for product in products %}<h2>{{ product.title | upcase | escape }}</h2>{% if product.price > 10 %}{{ product.price | times: 2 }}{% endif %}{% endfor %}");
const products = Array.from({ length: 12_000 }, (_, id) => ({ title: `Product <${id}>`, price: id % 40 }));

async function shopPage() {
  const html = await engine.render(template, { products });
  return html.length;
}

const app = new Hono();
app.get("/shop", async (context) => context.text(String(await shopPage())));
serve({ fetch: app.fetch, port: 0 }, ({ port }) => console.log(`port ${port}`));
