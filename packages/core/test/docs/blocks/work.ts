// What the README's blocks import as ./work.js.
export const checksum = (text: string): number => [...text].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
export const parse = (text: string): number => Number(text);
export function* lines(count: number): Generator<string> {
  for (let index = 1; index <= count; index += 1) yield `line ${index}`;
}
