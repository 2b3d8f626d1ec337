// The modules of the contract suite that a host serves.
import { readdirSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";

const testing = new URL("./", pathToFileURL(fileURLToPath(import.meta.resolve("@offloop/workers/testing"))));

/** The folder of @offloop/workers, which has the suite's fixtures below it. */
export const root = new URL("../../", testing).href;
export const fixtures = readdirSync(new URL("./fixtures/", testing)).filter((file) => file.endsWith(".js")).map((file) => `dist/testing/fixtures/${file}`);
