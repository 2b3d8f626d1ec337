// The texts of the server, by name. A name is looked up in a table and never becomes part of a path.
import { readFile } from "node:fs/promises";
import type { Document } from "./documents.js";

const published = new Map<string, Document>();

export function publish(documents: readonly Document[]): void {
  for (const document of documents) published.set(document.name, document);
}

export function publishedNames(): string[] {
  return [...published.keys()];
}

/** The text of a published document; any other name is a 404. */
export async function source(name: string): Promise<string> {
  const document = published.get(name);
  if (!document) throw Object.assign(new Error(`There is no document named ${JSON.stringify(name)}.`), { statusCode: 404 });
  return readFile(document.path, "utf8");
}
