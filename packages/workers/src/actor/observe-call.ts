// The events of one call of an actor: as those of a pool's call, with the times that its worker has measured.
import { announce } from "../executor/announce.js";
import { captureCaller, runAs } from "../executor/caller-context.js";
import { nextCallId } from "../executor/call-id.js";
import { type CallEvent, channels } from "../executor/channels.js";
import { isCancellation } from "../executor/errors.js";
import { now } from "../executor/real-time.js";
import { fromShared } from "../protocol/slots.js";
import type { RequestWatch } from "../remote/callee.js";
import type { RemoteCall } from "../remote/remote-call.js";
import type { Ran } from "../remote/values.js";

/** Whether somebody listens to the calls that begin now. */
export function observed(): boolean {
  return channels.callSubmitted.hasSubscribers || channels.callSent.hasSubscribers || channels.callSettled.hasSubscribers;
}

/** Makes a call, and publishes its steps. The submission comes first, before `request` captures the context. */
export function observeCall(callName: string, executor: string, request: (watch: RequestWatch) => RemoteCall<unknown>): RemoteCall<unknown> {
  const event: CallEvent = { callId: nextCallId(), callName, executor, executorName: executor };
  const submittedAt = now();
  const make = (): RemoteCall<unknown> => {
    const caller = captureCaller();
    let ran: Ran | undefined;
    const settled = (outcome: "fulfilled" | "rejected" | "cancelled", error?: unknown): void => {
      if (!channels.callSettled.hasSubscribers) return;
      const queuedMs = Math.max(0, (ran === undefined ? now() : fromShared(ran.begunAt)) - submittedAt);
      runAs(caller, () => channels.callSettled.publish({ ...event, queuedMs, runMs: ran?.ms, host: undefined, outcome, ...(error === undefined ? {} : { error }) }));
    };
    const answer = request({
      sent: (workerId) => channels.callSent.hasSubscribers && runAs(caller, () => channels.callSent.publish({ ...event, workerId, envelopeSize: 1, queuedMs: now() - submittedAt })),
      ran: (measured) => (ran = measured),
    });
    answer.then(
      () => settled("fulfilled"),
      (error: unknown) => settled(isCancellation(error) ? "cancelled" : "rejected", error),
    );
    return answer;
  };
  return channels.callSubmitted.hasSubscribers ? announce(event, make) : make();
}
