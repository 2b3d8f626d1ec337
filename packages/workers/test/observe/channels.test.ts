import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { channels } from "@offloop/workers";
import { expect, it } from "vitest";
import { forEach, pools, rejection } from "../contract/executors.js";
import * as calls from "../fixtures/calls.mjs";

/** Everything that is published while `run` runs, as `channel callName outcome`. */
async function listen(run: () => Promise<unknown>): Promise<string[]> {
  const heard: string[] = [];
  const listeners = Object.values(channels).map(({ name }) => {
    const listener = (event: any): void => void heard.push([name.slice("offloop:".length), event.callName, event.outcome ?? event.expected].filter((each) => each !== undefined).join(" "));
    subscribe(name, listener);
    return () => unsubscribe(name, listener);
  });
  try {
    await run();
  } finally {
    for (const stop of listeners) stop();
  }
  return heard;
}

forEach(pools, ({ make }) => {
  it("publishes each step of a call and of a worker, in order", async () => {
    const heard = await listen(async () => {
      const executor = make();
      await executor.submit(calls.add, 1, 1);
      await rejection(executor.submit(calls.throwsRenderError));
      await executor.shutdown();
    });
    expect(heard.filter((each) => each.startsWith("call:"))).toEqual([
      "call:submitted add",
      "call:sent add",
      "call:settled add fulfilled",
      "call:submitted throwsRenderError",
      "call:sent throwsRenderError",
      "call:settled throwsRenderError rejected",
    ]);
    expect(heard.filter((each) => each.startsWith("worker:"))).toEqual(["worker:started", "worker:ready", "worker:exited true"]);
  });

  it("publishes a crash, a retry and a cancellation", async () => {
    const heard = await listen(async () => {
      const executor = make();
      await rejection(executor.with({ retries: 1 }).submit(calls.exits, 1));
      await rejection(executor.with({ signal: AbortSignal.abort() }).submit(calls.add, 1, 1));
    });
    expect(heard.filter((each) => each === "worker:exited false")).toHaveLength(2);
    expect(heard).toContain("call:requeued exits");
    expect(heard).toContain("call:settled exits rejected");
    expect(heard).toContain("call:settled add cancelled");
  });
});
