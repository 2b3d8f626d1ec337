// Tells a call that BullMQ no longer takes its result: its worker was closed by force, or lost the job's lock. In both
// cases another worker runs the job again, so the first run must end. A worker gets one listener of each kind, not one a job.
import type { Job, Worker } from "bullmq";

/** Of each worker: what ends the call of a job, by the job's id. */
const watched = new WeakMap<Worker, Map<string, Set<(reason: Error) => void>>>();

/** Calls `lost` once if the worker gives the job up. @returns stops watching */
export function whenLost(job: Job, lost: (reason: Error) => void): () => void {
  const worker = (job as unknown as { queue?: Worker }).queue; // a job that a worker has fetched names that worker
  if (typeof worker?.once !== "function" || job.id === undefined) return () => {};
  const { id } = job;
  const jobs = watched.get(worker) ?? watch(worker);
  const ends = jobs.get(id) ?? new Set();
  jobs.set(id, ends.add(lost));
  return () => {
    if (ends.delete(lost) && ends.size === 0 && jobs.get(id) === ends) jobs.delete(id);
  };
}

function watch(worker: Worker): Map<string, Set<(reason: Error) => void>> {
  const jobs = new Map<string, Set<(reason: Error) => void>>();
  watched.set(worker, jobs);
  const end = (id: string, why: string): void => {
    const ends = jobs.get(id);
    jobs.delete(id);
    for (const lost of ends ?? []) lost(new Error(`job ${id} of queue ${worker.name}: ${why}`));
  };
  worker.on("lockRenewalFailed", (ids) => ids.forEach((id) => end(id, "its lock is lost, and another worker may run it")));
  worker.once("closed", () => [...jobs.keys()].forEach((id) => end(id, "its worker was closed by force")));
  return jobs;
}
