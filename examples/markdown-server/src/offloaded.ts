// The heavy route with offloop: the same function runs on a worker.
import { toThread } from "offloop";
import type { App } from "./app.js";
import { renderDocument } from "./render.js";
import { source } from "./source.js";

export function offloadedRoutes(app: App): void {
  app.get("/docs/:name", async (req) => toThread(renderDocument, await source(req.params.name)));
}
