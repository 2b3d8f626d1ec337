// Many downloads with a limit: as many tasks as may run at once, each taking the next address.
import { CancelledError, createTask, gather, TimeoutError } from "@offloop/core";
import { download } from "./download.js";

/** Where the progress is shown. */
export interface ProgressView {
  progress(name: string, share: number): void;
  end(name: string, how: string): void;
}

export interface DownloadAllOptions {
  readonly folder: string;
  readonly limit: number;
  readonly timeoutMs: number;
  readonly view: ProgressView;
}

/** A download that fails does not stop the others. Cancelling it cancels all that are under way. */
export async function downloadAll(urls: readonly string[], { folder, limit, timeoutMs, view }: DownloadAllOptions): Promise<void> {
  const waiting = [...urls];
  const downloads = Array.from({ length: limit }, (_, n) =>
    createTask(async () => {
      for (let url = waiting.shift(); url !== undefined; url = waiting.shift()) await downloadOne(url);
    }, { name: `downloads-${n + 1}` }),
  );
  await gather(downloads);

  async function downloadOne(url: string): Promise<void> {
    const { pathname } = new URL(url);
    try {
      await download(url, { folder, timeoutMs, onProgress: (share) => view.progress(pathname, share) });
      view.end(pathname, "done");
    } catch (error) {
      view.end(pathname, reason(error));
      if (error instanceof CancelledError) throw error;
    }
  }
}

function reason(error: unknown): string {
  if (error instanceof CancelledError) return "cancelled";
  if (error instanceof TimeoutError) return "too slow";
  return `failed: ${error instanceof Error ? error.message : error}`;
}
