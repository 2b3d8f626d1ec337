import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { documentName, findDocuments, type Document } from "../dist/documents.js";
import { pickDocuments } from "../dist/pick-documents.js";

const document = (name: string, bytes = 10_000): Document => ({ name, path: join("/", name), bytes });

test.each([
  ["/a/node_modules/fastify/README.md", "fastify-README"],
  ["/a/node_modules/@scope/pkg/LICENSE", "scope-pkg-LICENSE"],
  ["/a/node_modules/.pnpm/cookie@2.0.2/node_modules/cookie/README.md", "cookie@2.0.2-README"],
  ["/a/node_modules/.pnpm/@scope+pkg@1.0.0_peer@3.0.0/node_modules/@scope/pkg/CHANGELOG.md", "scope-pkg@1.0.0-CHANGELOG"],
])("names %s %s", (path, name) => {
  expect(documentName(path)).toBe(name);
});

test("finds each document of the installed packages once, under a unique name", () => {
  const documents = findDocuments(fileURLToPath(new URL("..", import.meta.url)));
  expect(documents.length).toBeGreaterThan(100);
  expect(new Set(documents.map(({ path }) => path)).size).toBe(documents.length);
  expect(new Set(documents.map(({ name }) => name)).size).toBe(documents.length);
  expect(documents.filter(({ name }) => encodeURIComponent(name).includes("%2F"))).toEqual([]);
});

test("picks documents that take 20 to 200 ms in the given order, up to the count", () => {
  const times: Record<string, number> = { a: 19, b: 20, c: 201, d: 200, e: 100, f: 50 };
  const measured: string[] = [];
  const candidates = [...Object.keys(times).map((name) => document(name))];
  const picked = pickDocuments(candidates, 3, undefined, ({ name }) => {
    measured.push(name);
    return times[name]!;
  });
  expect(picked.map(({ name, renderMs }) => [name, renderMs])).toEqual([["b", 20], ["d", 200], ["e", 100]]);
  expect(measured).toEqual(["a", "b", "c", "d", "e"]);
});

test("does not measure documents that are too small or too large", () => {
  const candidates = [document("small", 100), document("large", 1_000_000), document("a"), document("b")];
  expect(pickDocuments(candidates, 9, undefined, () => 30).map(({ name }) => name)).toEqual(["a", "b"]);
});

test("throws when too few documents fit", () => {
  expect(() => pickDocuments([document("a"), document("b")], 2, undefined, () => 5)).toThrow("Only 0 of 2 installed documents");
});
