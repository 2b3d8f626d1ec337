// A full-text index of 700 licences. It has state, so it lives in an actor: a thread of its own holds it, and each request asks
// that thread.
import { createRequire } from "node:module";
import MiniSearch from "minisearch";

type Licences = Readonly<Record<string, { readonly name: string; readonly licenseText: string }>>;

export class LicenceIndex {
  readonly #index = new MiniSearch({ fields: ["name", "text"], storeFields: ["name"] });

  constructor() {
    const licences = createRequire(import.meta.url)("spdx-license-list/spdx-full.json") as Licences;
    this.#index.addAll(Object.entries(licences).map(([id, { name, licenseText }]) => ({ id, name, text: licenseText })));
  }

  /** @returns names of the three licences that fit best */
  search(words: string): string {
    const found = this.#index.search(words, { fuzzy: 0.3, prefix: true });
    return found.slice(0, 3).map(({ name }) => String(name)).join("; ");
  }
}

const questions = [
  "redistribution in binary form with attribution in advertising material",
  "patent grant terminates on litigation against a contributor",
  "network server source code must be offered to its users",
  "public domain dedication waives all copyright and related rights",
];

export const question = (n: number): string => questions[n % questions.length]!;
