// `npm run docs`: writes the pages, builds the site to `site/dist`, and checks its links. `npm run docs -- --serve`
// then serves it on a port that the system gives.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { build, serve } from "vitepress";
import { root, setup } from "../scripts/setup.mjs";
import { checkAnchors } from "./anchors.mjs";
import { writePages } from "./pages.mjs";
import { writeReference } from "./reference.mjs";

const site = join(root, "site");

if (process.argv[1] === import.meta.filename) {
  setup();
  rmSync(join(site, "pages"), { recursive: true, force: true });
  writePages(join(site, "pages"));
  await writeReference(join(site, "pages/reference"));
  await build(site); // fails for a link to a page that does not exist
  checkAnchors(join(site, "dist"));
  if (process.argv.includes("--serve")) {
    const { server } = await serve({ root: site, port: 0 });
    server.once("listening", () => console.log(`http://localhost:${server.address().port}/`));
  }
}
