// What `npm run ci` holds the actor to: its answers equal those of the packages' own files, and those
// of the same class used in place; its errors are whole; the event loop turned all the while.
import assert from "node:assert/strict";
import type { Actor } from "offloop";
import { PackageIndex } from "./package-index.js";
import { type InstalledPackage, packageFolders, readPackage } from "./packages.js";

/** Words to look for; each stands in some README. */
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
    break; // closes the statement over there: the database could not be closed otherwise
  }

  await assert.rejects(index.search('"'), (error: Error) => error.constructor.name === "SQLite3Error" && /package-index/.test(error.stack ?? ""));
  console.log(`\nChecked against ${packages.size} packages' own files.`);
}

/** As FTS5 sees words: runs of letters and digits, in any case. */
function contains({ name, description, readme }: InstalledPackage, word: string): boolean {
  return new RegExp(`(?<![\\p{L}\\p{N}])${word}(?![\\p{L}\\p{N}])`, "iu").test(`${name}\n${description}\n${readme}`);
}
