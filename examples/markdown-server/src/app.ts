// The server that both versions share: a light route, and HTML as the content type.
// The heavy route comes from inline.ts or offloaded.ts.
import Fastify, { type FastifyTypeProvider } from "fastify";
import { publishedNames } from "./source.js";

/** The type of route parameters: each is the name of a document. */
interface DocumentRoutes extends FastifyTypeProvider {
  validator: { name: string };
}

export function createApp() {
  const app = Fastify().withTypeProvider<DocumentRoutes>();
  app.addHook("onRequest", async (_req, reply) => void reply.type("text/html; charset=utf-8"));
  app.get("/", async () => indexPage(publishedNames()));
  return app;
}

export type App = ReturnType<typeof createApp>;

function indexPage(names: readonly string[]): string {
  const links = names.map((name) => `<li><a href="/docs/${encodeURIComponent(name)}">${name}</a>`);
  return `<!doctype html>\n<meta charset="utf-8">\n<ul>\n${links.join("\n")}\n</ul>\n`;
}
