// The state of the pool, for a health check.
import { toThread } from "offloop";

export const dynamic = "force-dynamic";

export function GET(): Response {
  const { running, queued } = toThread.stats();
  return Response.json({ running, queued });
}
