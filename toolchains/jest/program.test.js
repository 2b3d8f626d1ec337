import { writeFileSync } from "node:fs";
import { results } from "./results.js";

test("the program", async () => {
  const found = await results();
  writeFileSync("results.json", JSON.stringify(found));
  expect(found.exported).toBe(15);
});
