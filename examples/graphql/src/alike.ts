// How alike the texts of licences are: the share of the runs of four words that two of them have in common (Jaccard).
import { createRequire } from "node:module";
import { taskContext } from "offloop";

export interface Alike {
  readonly id: string;
  /** From 0, nothing in common, to 1, the same words. */
  readonly share: number;
}

export interface Pair {
  readonly ids: readonly [string, string];
  readonly share: number;
}

interface Licence {
  readonly name: string;
  readonly licenseText: string;
}

const RUN_OF_WORDS = 4;

export const licences = (): Readonly<Record<string, Licence>> => createRequire(import.meta.url)("spdx-license-list/spdx-full.json") as Readonly<Record<string, Licence>>;

/** The licences whose text is most like that of this one, the most alike first. */
export function mostAlike(id: string, first: number): readonly Alike[] {
  const all = licences();
  const own = runsOf(all[id]!.licenseText);
  const shares: Alike[] = [];
  for (const other of Object.keys(all)) {
    taskContext().throwIfCancelled();
    if (other !== id) shares.push({ id: other, share: shareOf(own, runsOf(all[other]!.licenseText)) });
  }
  return shares.sort((a, b) => b.share - a.share).slice(0, first);
}

/** The pairs of licences that have at least this share in common. It compares each licence with each other: 264,000 pairs. */
export function pairsAlike(atLeast: number): readonly Pair[] {
  const all = Object.entries(licences()).map(([id, { licenseText }]) => ({ id, runs: runsOf(licenseText) }));
  return all.flatMap((one, n) => {
    taskContext().throwIfCancelled();
    return all.slice(n + 1).map((other) => ({ ids: [one.id, other.id] as const, share: shareOf(one.runs, other.runs) })).filter(({ share }) => share >= atLeast);
  });
}

function runsOf(text: string): ReadonlySet<string> {
  const words = text.toLowerCase().match(/\w+/g) ?? [];
  return new Set(words.map((_, n) => words.slice(n, n + RUN_OF_WORDS).join(" ")));
}

function shareOf(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  let common = 0;
  for (const run of one) if (other.has(run)) common += 1;
  return common / (one.size + other.size - common);
}
