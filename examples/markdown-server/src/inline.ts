// The heavy route as most servers have it: the render runs on the event loop, and all other requests wait.
import type { App } from "./app.js";
import { renderDocument } from "./render.js";
import { source } from "./source.js";

export function inlineRoutes(app: App): void {
  app.get("/docs/:name", async (req) => renderDocument(await source(req.params.name)));
}
