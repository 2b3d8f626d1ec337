// The reports of the public types are up to date, so that a change of them shows in review.
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
// @ts-expect-error a script without types
import { apiReports } from "../scripts/api.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const expected = apiReports() as Map<string, string>;

it.each([...expected])("%s has the exports of its entry; `npm run api` writes it", (path, text) => {
  expect(readFileSync(path, "utf8")).toBe(text);
});

it("every report belongs to an entry", () => {
  const found = readdirSync(join(root, "packages")).flatMap((name) => readdirSync(join(root, "packages", name, "api")).map((file) => `${name}/${file}`));
  expect(found.sort()).toEqual([...expected.keys()].map((path) => `${basename(join(path, "../.."))}/${basename(path)}`).sort());
});
