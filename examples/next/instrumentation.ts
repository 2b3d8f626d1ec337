// Next runs this once, before the first request.
export async function register(): Promise<void> {
  if (process.env["NEXT_RUNTIME"] !== "nodejs") return;
  const { InlineExecutor, setDefaultExecutor, ThreadPoolExecutor } = await import("offloop");
  const { followRequests } = await import("./lib/current-request");
  const { MAX_QUEUE, MAX_WORKERS } = await import("./lib/limits");
  followRequests();
  // In place, for the comparison of main.mjs.
  setDefaultExecutor(process.env["IN_PLACE"] ? new InlineExecutor() : new ThreadPoolExecutor({ maxWorkers: MAX_WORKERS, maxQueue: MAX_QUEUE }));
}
