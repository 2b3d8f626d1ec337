// The heavy route as it should be: the same function, on a worker.
import { toThread } from "offloop";
import type { App } from "./app.js";
import { renderDocument } from "./render.js";
import { source } from "./source.js";

export function offloadedRoutes(app: App): void {
  app.get("/docs/:name", async (req) => toThread(renderDocument, await source(req.params.name)));
}
