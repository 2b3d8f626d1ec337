// One download: into a file beside its target, which appears under its own name when it is complete.
// However it ends (done, failed, timed out or cancelled), no partial file is left.
import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { timeout, toThread } from "offloop";
import { appendChunk, publishFile } from "./save-file.js";

/** A cancelled call settles when the worker has let go of the file, so that what is removed then stays removed. */
const onWorker = toThread.with({ onCancel: "wait" });

export interface DownloadOptions {
  readonly folder: string;
  readonly timeoutMs: number;
  /** Called with the share that has been written, from 0 to 1. */
  readonly onProgress: (share: number) => void;
}

/** @throws TimeoutError when it takes longer than `timeoutMs`; else what went wrong */
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
