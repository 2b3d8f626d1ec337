// Compiled, never run: what may be decorated, and what is injected.
import { type Executor, Offload, OffloopExecutor, OffloopModule } from "@offloop/nestjs";

export class Reports {
  constructor(private readonly executor: OffloopExecutor) {}

  @Offload()
  async render(text: string): Promise<string> {
    return text;
  }

  // @ts-expect-error an offloaded method returns a promise
  @Offload()
  size(text: string): number {
    return text.length;
  }

  view(): Executor {
    return this.executor.with({ priority: 1 });
  }
}

OffloopModule.forRootAsync({ useFactory: async (size: number) => ({ pool: { maxWorkers: size } }), inject: ["SIZE"] });
// @ts-expect-error it is `pool`
OffloopModule.forRoot({ pools: {} });
