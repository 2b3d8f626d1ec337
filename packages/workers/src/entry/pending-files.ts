// Lets a worker finish what user code began with files and did not await, such as a stream that was ended, before
// the worker ends. Without it the file would be cut off.
import { setTimeout } from "../executor/real-time.js";
import { NativePromise } from "../executor/intrinsics.js";

/** Milliseconds between two looks. A request for a file takes a fraction of one. */
const LOOK_AGAIN_MS = 1;

/** Node's names of requests to the file system. */
const REQUESTS = new Set(["FSReqCallback", "FSReqPromise", "CloseReq"]);

/**
 * Resolves when this thread has no request to the file system under way. The main side bounds the wait: it ends the
 * worker after `closeTimeoutMs`.
 */
export async function pendingFiles(): Promise<void> {
  while (process.getActiveResourcesInfo().some((resource) => REQUESTS.has(resource))) {
    await new NativePromise<void>((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}
