// What the blocks of the README and docs/ import as ./work.js.
import { taskContext } from "offloop";

export const checksum = (text: string): number => [...text].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
export const parse = (text: string): number => Number(text);
export function* lines(count: number): Generator<string> {
  for (let index = 1; index <= count; index += 1) yield `line ${index}`;
}
export const sizeOf = (bytes: Uint8Array): number => bytes.byteLength;
export function progressing(steps: number): void {
  for (let step = 1; step <= steps; step += 1) taskContext().progress(step);
}
