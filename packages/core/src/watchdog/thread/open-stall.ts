// All that is known of a stall while it is open: what stall-watch.ts gathers and attribute.ts reads.
import type { Capture, ReturnedCall } from "../protocol.js";
import type { Probe } from "./world.js";

export interface OpenStall {
  readonly id: number;
  /** The last beat before it. Monotonic, as all times here. */
  beatAt: number;
  /** In the middle between that beat and the one that did not come. */
  startedAt: number;
  openedAt: number;
  /** The prompt ones. */
  readonly captures: Capture[];
  /** Marked calls that returned in it. */
  readonly returned: ReturnedCall[];
  /** How often the thread was looked at between two samples, and how often it slept then. */
  looks: number;
  asleep: number;
  /** How often in a row it was awake at last. */
  awake: number;
  readonly probe: Probe | undefined;
  /** When the sample was asked for that has not been answered yet. */
  askedAt: number | undefined;
  /** How long the watched thread had waited for a CPU by then, in its whole life. */
  waitedAtAskingMs: number;
  /** Samples that were answered, with or without a stack that tells something. */
  answers: number;
  pauseMs: number;
  nextSampleAt: number;
  /** The first sample that came out of a native call, too late to be trusted. */
  lateCapture: Capture | undefined;
  reported: boolean;
  /** When the heart was seen to beat again. */
  endedAt: number | undefined;
  /** Milliseconds of it, as far as it goes, that the program meant or could not help. */
  excusedMs: number;
  /** Those of them in which the thread was given no CPU. */
  waitedMs: number;
  /** The begin may be written, and so may the end. */
  due: boolean;
  /** Milliseconds of collections in it. */
  collectedMs: number;
  /** The blocking call that it was last seen in, by its mark. */
  inCall: MarkedCall | undefined;
}

/** A blocking call, read from its mark while it runs. */
export interface MarkedCall {
  /** Index in `blockingCalls`, from 1. */
  readonly call: number;
  readonly argument: string | undefined;
}
