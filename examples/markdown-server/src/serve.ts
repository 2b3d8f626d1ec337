// Keeps the offloaded server running, to be tried in a browser (`npm start -- --serve`).
import { startWatchdog } from "offloop";
import { createApp } from "./app.js";
import type { Document } from "./documents.js";
import { offloadedRoutes } from "./offloaded.js";
import { publish } from "./source.js";

/** Listens until SIGINT or SIGTERM, then finishes the current requests and lets the process end. */
export async function serve(documents: readonly Document[], port: number): Promise<string> {
  startWatchdog();
  publish(documents);
  const app = createApp();
  offloadedRoutes(app);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void app.close());
  return app.listen({ host: "127.0.0.1", port });
}
