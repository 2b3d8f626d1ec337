// One download. It writes to a partial file, and renames it when it is complete. If the download fails, times out
// or is cancelled, the partial file is removed.
import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { timeout, toThread } from "offloop";
import { appendChunk, publishFile } from "./save-file.js";

/** A cancelled call settles only after the worker has released the file. So the worker cannot create it again after its removal. */
const onWorker = toThread.with({ onCancel: "wait" });

export interface DownloadOptions {
  readonly folder: string;
  readonly timeoutMs: number;
  /** Called with the fraction of the file that is written, from 0 to 1. */
  readonly onProgress: (share: number) => void;
}

/** @throws TimeoutError it takes longer than `timeoutMs`; errors of the request and of the file system */
export async function download(url: string, { folder, timeoutMs, onProgress }: DownloadOptions): Promise<void> {
  const target = join(folder, basename(new URL(url).pathname));
  const partial = `${target}.part`;
  try {
    await timeout(timeoutMs, async ({ signal }) => {
      const response = await fetch(url, { signal });
      if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
      const bytes = Number(response.headers.get("content-length"));
      let written = 0;
      for await (const chunk of response.body ?? []) {
        await onWorker(appendChunk, partial, chunk);
        onProgress((written += chunk.byteLength) / bytes);
      }
      await onWorker(publishFile, partial, target);
    });
  } finally {
    await rm(partial, { force: true });
  }
}
