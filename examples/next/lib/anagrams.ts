// Anagrams of a text: sets of English words that use each of its letters once.
import { readFileSync } from "node:fs";
import { taskContext } from "offloop";

/** How many letters there are of each. */
type Letters = readonly number[];

/** A path and no import: the bundler would put the words into the bundle of each route. `next start` runs in the folder of the program. */
const WORDS = "node_modules/an-array-of-english-words/index.json";

const A = "a".charCodeAt(0);

/** @returns sets of `count` words, in the order of the alphabet */
export function anagrams(text: string, count: number): string[] {
  const words = JSON.parse(readFileSync(WORDS, "utf8")) as readonly string[];
  const all = lettersOf(text);
  const usable = words.map((word) => ({ word, letters: lettersOf(word) })).filter(({ letters }) => without(all, letters) !== undefined);
  const found: string[] = [];
  const search = (from: number, left: Letters, chosen: readonly string[]): void => {
    taskContext().throwIfCancelled();
    for (let n = from; n < usable.length; n++) {
      const { word, letters } = usable[n]!;
      const rest = without(left, letters);
      if (rest === undefined) continue;
      if (chosen.length + 1 < count) search(n, rest, [...chosen, word]);
      else if (rest.every((amount) => amount === 0)) found.push([...chosen, word].join(" "));
    }
  };
  search(0, all, []);
  return found;
}

function lettersOf(text: string): Letters {
  const letters = new Array<number>(26).fill(0);
  for (const character of text.toLowerCase()) if (/[a-z]/.test(character)) letters[character.charCodeAt(0) - A]! += 1;
  return letters;
}

/** What is left of the letters, or `undefined` if they do not suffice. */
function without(letters: Letters, taken: Letters): Letters | undefined {
  const left = letters.map((amount, letter) => amount - taken[letter]!);
  return left.some((amount) => amount < 0) ? undefined : left;
}
