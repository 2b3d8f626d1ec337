// Runs one suite. Each contender has its own process. All processes start first. Then each round measures the
// contenders in turn, so that other load on the machine affects all alike. Each round begins with another contender.
import type { ContenderKey } from "../peers/index.js";
import type { Effort, Sample, Suite } from "../suites/suite.js";
import type { ChildSetup } from "./protocol.js";
import { ContenderProcess } from "./contender-process.js";

/** The rounds of one contender. */
export interface Measured {
  readonly contender: string;
  readonly samples: readonly Sample[];
  /** The message of the error that stopped it: it threw, gave a wrong result, or hung. */
  readonly failure?: string;
}

/**
 * @param progress called with a description of each step before it begins
 * @returns the measurements of each contender; for one that failed, its failure and the rounds before it
 */
export async function interleave(suite: Suite, contenders: readonly ContenderKey[], effort: Effort, progress: (step: string) => void): Promise<Measured[]> {
  const { rounds } = effort;
  const runners: Runner[] = [];
  try {
    for (const contender of contenders) {
      progress(`starting ${contender}`);
      runners.push(await Runner.start({ suite: suite.id, contender, effort }, suite.execArgv));
    }
    for (let round = 0; round < rounds; round += 1) {
      for (let turn = 0; turn < runners.length; turn += 1) {
        const runner = runners[(round + turn) % runners.length]!;
        progress(`round ${round + 1} of ${rounds}: ${runner.measured.contender}`);
        await runner.round();
      }
    }
    return runners.map(({ measured }) => measured);
  } finally {
    await Promise.all(runners.map((each) => each.close()));
  }
}

/** One contender: its process, and its measurements. */
class Runner {
  readonly measured: { contender: string; samples: Sample[]; failure?: string };
  readonly #process: ContenderProcess | undefined;

  private constructor(contender: string, process: ContenderProcess | undefined) {
    this.measured = { contender, samples: [] };
    this.#process = process;
  }

  static async start(setup: ChildSetup, execArgv: readonly string[] | undefined): Promise<Runner> {
    try {
      const process = await ContenderProcess.start(setup, execArgv);
      return new Runner(process.name, process);
    } catch (error) {
      const runner = new Runner(setup.contender, undefined);
      runner.measured.failure = (error as Error).message;
      return runner;
    }
  }

  async round(): Promise<void> {
    if (this.#process === undefined || this.measured.failure !== undefined) return;
    try {
      this.measured.samples.push(await this.#process.round());
    } catch (error) {
      this.measured.failure = (error as Error).message;
    }
  }

  async close(): Promise<void> {
    await this.#process?.close();
  }
}
