// The checks of `npm run ci`: the actor's answers agree with the packages' files, and with the same class without an
// actor; its errors are complete; the event loop was never blocked.
import assert from "node:assert/strict";
import type { Actor } from "offloop";
import { PackageIndex } from "./package-index.js";
import { type InstalledPackage, packageFolders, readPackage } from "./packages.js";

/** Words to search for. Each is in some README. */
const words = ["sqlite", "promise", "worker", "deprecated"];

/** @throws AssertionError if an answer differs */
export async function check(index: Actor<PackageIndex>, folder: string, seen: { count: number; ticks: number; reports: number }): Promise<void> {
  const packages = new Map<string, InstalledPackage>();
  for (const path of packageFolders(folder)) {
    const found = readPackage(path);
    if (found) packages.set(`${found.name}@${found.version}`, packages.get(`${found.name}@${found.version}`) ?? found);
  }
  assert.ok(seen.count > 50, "too few packages are installed to say anything");
  assert.equal(seen.count, packages.size);
  assert.ok(seen.ticks > 0, "the event loop did not turn while the actor worked");
  assert.ok(seen.reports > 0, "the actor did not report its progress");

  for (const word of words) {
    const expected = [...packages].filter(([, found]) => contains(found, word)).map(([key]) => key);
    const hits = await index.search(word);
    assert.deepEqual(hits.map(({ name, version }) => `${name}@${version}`).toSorted(), expected.toSorted(), word);
    assert.ok(hits.length > 0, `no package is about ${word}`);
  }

  const licences = new Map<string, number>();
  for (const { licence } of packages.values()) licences.set(licence, (licences.get(licence) ?? 0) + 1);
  assert.deepEqual(new Map(await index.licences()), licences);

  using inPlace = new PackageIndex();
  assert.equal(inPlace.fill(folder), seen.count);
  for (const word of words) assert.deepEqual(await index.search(word), inPlace.search(word));

  const names: string[] = [];
  for await (const name of index.names()) names.push(name);
  assert.deepEqual(names, [...inPlace.names()]);
  for await (const name of index.names()) {
    assert.equal(name, names[0]);
    break; // this closes the statement in the actor; an open statement would keep the database open
  }

  await assert.rejects(index.search('"'), (error: Error) => error.constructor.name === "SQLite3Error" && /package-index/.test(error.stack ?? ""));
  console.log(`\nChecked against ${packages.size} packages' own files.`);
}

/** Finds words as FTS5 does: sequences of letters and digits, without regard to case. */
function contains({ name, description, readme }: InstalledPackage, word: string): boolean {
  return new RegExp(`(?<![\\p{L}\\p{N}])${word}(?![\\p{L}\\p{N}])`, "iu").test(`${name}\n${description}\n${readme}`);
}
