// Every time by which the watchdog decides, and every fraction of the threshold T, on one axis.
//
// A loop that is held, with T = 100 ms and so a tick of 25 ms; milliseconds since the last beat:
//
//    0      12.5     25                  80         110      125  137.5         220       ~222
//    ├───────┼───────┼────────────────────┼──────────┼────────┼────┼────  …  ────┼──────────┼──▶
//    │       │       │                    │          │        │    │             │          end event, or 30 ms
//    │       │       │                    │          │        │    │             │          later (LAST_WORD_MS)
//    │       │       │                    │          │        │    │             the heart beats again
//    │       │       │                    │          │        │    latest report, samples or not (reportAtLatestMs)
//    │       │       │                    │          │        report: past T even if it began at 25 (reportAfterMs)
//    │       │       │                    │          no answer yet: native code has the thread (nativeAfterMs)
//    │       │       │                    4/5 T: ask for the stack, then 4 samples 1 ms apart (askAfterMs)
//    │       │       a beat is due: look for it every 3 ms (DUE_POLL_MS)
//    │       the stall is taken to begin in the middle between the two beats
//    the last beat; until the next one is due, nothing can be known: the slack
//
// While the heart rests there are no beats. The watching thread then looks at the loop instead, and the
// slack is the time between two looks: T/2 − 14 ms (restSlackMs). A report still comes within 1.5 T.

/** A lower threshold would need a heartbeat that costs more than it is worth. */
export const LEAST_THRESHOLD_MS = 20;

/** The default threshold for start-up: while modules are loaded, no request waits for an answer. */
export const STARTUP_THRESHOLDS = 10;

// The heartbeat and the polls that look for it.

/** Bounds of a tick. A faster heartbeat costs more CPU time, and a slower one measures less exactly. */
const SHORTEST_TICK_MS = 5;
const LONGEST_TICK_MS = 50;

/** The time between two beats: a quarter of the threshold. */
export function tickMs(thresholdMs: number): number {
  return Math.min(LONGEST_TICK_MS, Math.max(SHORTEST_TICK_MS, Math.round(thresholdMs / 4)));
}

/** While no stall is open, a poll comes 1 ms before the tick is over. Some polls therefore come before their beat, and measure again when beats come. */
export const POLL_AHEAD_MS = 1;

/** The time between two polls while a beat is due. It bounds the error in the time of a beat. */
export const DUE_POLL_MS = 3;

/** The time between two polls while a stall is open: 5 ms, or half a tick if that is shorter. */
export function stalledPollMs(tick: number): number {
  return Math.min(5, tick / 2);
}

// The rest of the heart while the loop is idle.

/** The loop is watched for this long before the heart may rest. A guess: more frequent stops and starts would cost more than they save. */
export const REST_AFTER_MS = 1_000;

/** The heart may rest if the loop waited for events at this share of the polls. The share is below 1, because a beat wakes the loop too. */
export const IDLE_SHARE = 0.9;

/** The heart starts again after two looks in a row at a loop that does not wait. A short callback has ended by the second look. */
export const LOOKS_BEFORE_WAKING = 2;

/** Time for the polls of an open stall, which take up to 14 ms. Without it, the report of a stall that begins during a rest would be late. */
const REST_SPARE_MS = 14;

/** The time between two looks at a resting loop: as long as a report within 1.5 thresholds allows, and at least a tick. */
export function restSlackMs(thresholdMs: number, tick: number): number {
  return Math.max(tick, thresholdMs / 2 - REST_SPARE_MS);
}

// From the missed beat to the report.

/** The watching thread asks for the stack this long after the last beat. The answer has then arrived when the threshold is over. */
export function askAfterMs(thresholdMs: number): number {
  return thresholdMs * 0.8;
}

/** A stall may be reported this long after its assumed start, the middle of the slack. It is past the threshold then, even if it began at the end of the slack. */
export function reportAfterMs(thresholdMs: number, slackMs: number): number {
  return thresholdMs + slackMs / 2;
}

/** The report is written this long after the start of the stall, even without samples. */
export function reportAtLatestMs(thresholdMs: number): number {
  return thresholdMs * 1.25;
}

/** If there is no answer for this long, native code runs on the thread. The report then does not wait for the stack. */
export function nativeAfterMs(thresholdMs: number): number {
  return Math.min(45, thresholdMs * NATIVE_THRESHOLDS);
}

/** An answer that is this late was given when a native call returned, so its stack is approximate. Answers up to 10 ms late (a guess) may have other reasons. */
export function lateAnswerMs(thresholdMs: number): number {
  return Math.min(30, Math.max(10, thresholdMs * NATIVE_THRESHOLDS));
}

const NATIVE_THRESHOLDS = 0.3;

// Samples of a stall.

/** The first samples follow each other at once, one a poll at most, so that the report can be early. */
export const FIRST_SAMPLES = 4;
export const FIRST_SAMPLE_PAUSE_MS = 1;

/** Afterwards each pause is longer than the one before, up to the longest. */
export const SAMPLE_PAUSE_GROWTH = 1.5;
export const LONGEST_SAMPLE_PAUSE_MS = 50;

/** A frame of a sample takes about 2 µs of the watched thread. The pause after a sample of many frames is so long that samples take a fifteenth of the time at most. */
export const PAUSE_PER_FRAME_MS = 0.03;

/** If a stall has more samples, every second one is dropped, and the longest pause doubles. A stall that never ends would fill the memory. */
export const MOST_SAMPLES = 500;

/** This many prompt samples outweigh late ones, unless native code had the thread for `LATE_SHARE` of the stall. */
export const ENOUGH_SAMPLES = 3;
export const LATE_SHARE = 0.5;

/** The end event of a stall waits this long for messages on their way: a sample, the stack of a call that returns, a collection. */
export const LAST_WORD_MS = 30;

// What excuses a delay.

/** A stall that is past the threshold counts as starved if the thread was given no CPU for this share of it. */
export const STARVED_SHARE_OF_STALL = 0.75;

/** Some delays are past the threshold only because of their waits for a CPU. Such a delay is reported as starved if the waits are this share of it; otherwise it is not reported. */
export const STARVED_SHARE_OF_DELAY = 0.5;

/** If a thread sleeps at this share of the looks and still answers at once, it is stopped in a debugger. A thread that runs JavaScript never sleeps. */
export const PARKED_SHARE = 0.3;

/** With fewer looks nothing is decided, unless a look found the thread awake. */
export const LEAST_LOOKS = 3;

/** For this long after the watch began, the program may be loading modules although no stack shows it. A guess. */
export const YOUNG_MS = 500;
