// Runs one suite: every contender in a process of its own, all of them started first, and then round
// by round in turn, so that whatever the machine does meanwhile it does to everyone. Each round begins
// with another contender.
import type { ContenderKey } from "../peers/index.js";
import type { Effort, Sample, Suite } from "../suites/suite.js";
import { ContenderProcess } from "./contender-process.js";

/** The rounds of one contender. */
export interface Measured {
  readonly contender: string;
  readonly samples: Sample[];
}

/** @param progress told what is about to be done */
export async function interleave(suite: Suite, contenders: readonly ContenderKey[], effort: Effort, progress: (step: string) => void): Promise<Measured[]> {
  const rounds = Math.min(effort.rounds, suite.mostRounds ?? Infinity);
  const processes: ContenderProcess[] = [];
  try {
    for (const contender of contenders) {
      progress(`starting ${contender}`);
      processes.push(await ContenderProcess.start({ suite: suite.id, contender, effort }, suite.execArgv));
    }
    const measured = processes.map(({ name }): Measured => ({ contender: name, samples: [] }));
    for (let round = 0; round < rounds; round += 1) {
      for (let turn = 0; turn < processes.length; turn += 1) {
        const index = (round + turn) % processes.length;
        progress(`round ${round + 1} of ${rounds}: ${processes[index]!.name}`);
        measured[index]!.samples.push(await processes[index]!.round());
      }
    }
    return measured;
  } finally {
    await Promise.all(processes.map((each) => each.close()));
  }
}
