// Many downloads with a limit. It starts as many tasks as the limit allows, and each takes the next address.
import { isCancelled, taskGroup, TimeoutError } from "offloop";
import { download } from "./download.js";

/** Shows the progress. */
interface ProgressView {
  progress(name: string, share: number): void;
  end(name: string, how: string): void;
}

export interface DownloadAllOptions {
  readonly folder: string;
  readonly limit: number;
  readonly timeoutMs: number;
  readonly view: ProgressView;
}

/** A failed download does not stop the others. A cancellation cancels all, and waits until they have cleaned up. */
export async function downloadAll(urls: readonly string[], { folder, limit, timeoutMs, view }: DownloadAllOptions): Promise<void> {
  const waiting = [...urls];
  await taskGroup((group) => {
    for (let n = 1; n <= limit; n++) group.createTask(takeTurns, { name: `downloads ${n}` });
  });

  async function takeTurns(): Promise<void> {
    for (let url = waiting.shift(); url !== undefined; url = waiting.shift()) {
      const { pathname } = new URL(url);
      try {
        await download(url, { folder, timeoutMs, onProgress: (share) => view.progress(pathname, share) });
        view.end(pathname, "done");
      } catch (error) {
        view.end(pathname, reason(error));
        if (isCancelled(error)) throw error;
      }
    }
  }
}

function reason(error: unknown): string {
  if (isCancelled(error)) return "cancelled";
  if (error instanceof TimeoutError) return "too slow";
  return `failed: ${error instanceof Error ? error.message : error}`;
}
