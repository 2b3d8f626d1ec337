// What the block of the example sqlite-actor imports as ./package-index.js.
export declare class PackageIndex {
  constructor(file: string);
  fill(folder: string, onProgress: (done: number, of: number) => void): number;
  search(query: string): string[];
  names(): Generator<string>;
}
