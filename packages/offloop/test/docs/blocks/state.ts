const known = new Set(["a"]);
export const noted: string[] = [];

export const lookUp = (word: string): boolean => known.has(word);
export const note = (word: string): void => void noted.push(word);
