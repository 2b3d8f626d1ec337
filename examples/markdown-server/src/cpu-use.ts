// Measures how much CPU time other programs used during a measurement. With much of it, the figures are unreliable.
import { cpus } from "node:os";

export interface CpuTimes {
  readonly busyMs: number;
  readonly totalMs: number;
}

/** The busy time and the total time of all cores together, since the start of the machine. */
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

/** The fraction of the machine's CPU time, from 0 to 1, that other programs used between two readings. @param ownMs CPU time of the measured processes */
export function othersShare(from: CpuTimes, to: CpuTimes, ownMs: number): number {
  const totalMs = to.totalMs - from.totalMs;
  return totalMs <= 0 ? 0 : Math.min(1, Math.max(0, (to.busyMs - from.busyMs - ownMs) / totalMs));
}

/** The CPU time of this process and its threads since its start, in milliseconds. */
export function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
