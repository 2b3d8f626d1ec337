// The processor file of BullMQ's sandbox, which loads it in child processes or threads.
import type { SandboxedJob } from "bullmq";
import { compute, small } from "./tasks.js";

export default async (job: SandboxedJob): Promise<unknown> => (job.name === "small" ? small(job.data) : compute(job.data));
