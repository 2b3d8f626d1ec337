// What a caller knows of its hosts: the list that it reads now and then, and what each answer brings.
import { type HostAbout, type HostStats, nameOfHost } from "../messages/messages.js";

/** May be as old as the last reading. A host that has ended stays in it until then. */
export class KnownHosts {
  readonly #hosts = new Map<string, HostAbout>();

  /** Replaces the list. @returns the ids of the hosts that have gone */
  replace(entries: readonly (readonly [id: string, about: HostAbout])[]): string[] {
    const gone = [...this.#hosts.keys()].filter((id) => !entries.some(([each]) => each === id));
    for (const id of gone) this.#hosts.delete(id);
    for (const [id, about] of entries) this.#hosts.set(id, about);
    return gone;
  }

  learn(id: string, about: HostAbout): void {
    this.#hosts.set(id, about);
  }

  update(id: string, stats: HostStats): void {
    const about = this.#hosts.get(id);
    if (about !== undefined) this.#hosts.set(id, { ...about, stats });
  }

  get all(): [id: string, about: HostAbout][] {
    return [...this.#hosts];
  }

  nameOf(id: string): string {
    return this.#hosts.get(id)?.name ?? nameOfHost(id);
  }

  /** The number of calls that all hosts together run at once. */
  get capacity(): number {
    return [...this.#hosts.values()].reduce((sum, { capacity }) => sum + capacity, 0);
  }

  /** The caller has left: it has no workers any more. */
  leave(): void {
    const none = { workers: 0, idleWorkers: 0, startingWorkers: 0 };
    for (const [id, about] of this.#hosts) this.#hosts.set(id, { ...about, capacity: 0, stats: { ...about.stats, ...none } });
  }

  /** The workers of all hosts. */
  get stats(): HostStats {
    const sum = { workers: 0, idleWorkers: 0, startingWorkers: 0, crashes: 0, workersStarted: 0 };
    let utilised = 0;
    for (const { stats } of this.#hosts.values()) {
      for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += stats[key];
      utilised += stats.workers * stats.utilization;
    }
    return { ...sum, utilization: sum.workers === 0 ? 0 : utilised / sum.workers };
  }
}
