// Starts actors for the tests, on threads and in processes, and ends them after each test.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ActorHandle, type ActorOptions, spawnActor } from "@offloop/workers";
import { afterEach, describe } from "vitest";
import { Store } from "../fixtures/actor-store.mjs";

export interface ActorKind {
  readonly kind: "thread" | "process";
  /** An actor of the fixture's class `Store`. The fixture is JavaScript: the types have their own test. */
  store(options?: ActorOptions, ...args: unknown[]): Promise<any>;
  /** Any actor, ended after the test. */
  spawn(options: ActorOptions, subject: unknown, ...args: unknown[]): Promise<any>;
  /** A path in a folder of the test's own. */
  file(name: string): string;
}

const kinds = ["thread", "process"] as const;

/** Runs a suite for each kind of worker. */
export function forEachKind(suite: (kind: ActorKind) => void): void {
  describe.each(kinds)("%s", (kind) => {
    const actors: ActorHandle<unknown>[] = [];
    const folders: string[] = [];
    afterEach(async () => {
      await Promise.allSettled(actors.splice(0).map((actor) => actor[Symbol.asyncDispose]()));
      for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
    });
    const spawn = async (options: ActorOptions, subject: unknown, ...args: unknown[]): Promise<any> => {
      const actor = await (spawnActor.with({ kind, closeTimeoutMs: 0, ...options }) as any)(subject, ...args);
      actors.push(actor);
      return actor;
    };
    suite({
      kind,
      spawn,
      store: (options = {}, ...args) => spawn(options, Store, ...args),
      file(name) {
        const folder = mkdtempSync(join(tmpdir(), "offloop-actor-"));
        folders.push(folder);
        return join(folder, name);
      },
    });
  });
}
