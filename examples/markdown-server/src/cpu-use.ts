// How much of the machine other programs used during a measurement: what a figure is worth.
import { cpus } from "node:os";

export interface CpuTimes {
  readonly busyMs: number;
  readonly totalMs: number;
}

/** The time that all cores together have worked, and that has passed on them, since the machine's start. */
export function machineTimes(): CpuTimes {
  let busyMs = 0;
  let totalMs = 0;
  for (const { times } of cpus()) {
    const all = times.user + times.nice + times.sys + times.irq + times.idle;
    totalMs += all;
    busyMs += all - times.idle;
  }
  return { busyMs, totalMs };
}

/** The share of the machine, from 0 to 1, that was used between two readings beside `ownMs` of the processes measured. */
export function othersShare(from: CpuTimes, to: CpuTimes, ownMs: number): number {
  const totalMs = to.totalMs - from.totalMs;
  return totalMs <= 0 ? 0 : Math.min(1, Math.max(0, (to.busyMs - from.busyMs - ownMs) / totalMs));
}

/** The milliseconds of CPU that this process, its threads included, has used since it started. */
export function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
