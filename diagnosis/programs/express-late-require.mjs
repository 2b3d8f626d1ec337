// A handler loads a large library when it is first asked.
// packages: express@5.3.0 typescript@5.9.3
// requests: GET /check
// advice: load them at the start
// kind: loading
import { createRequire } from "node:module";
import express from "express";

const require = createRequire(import.meta.url);

function loadCompiler() {
  return require("typescript").version;
}

const app = express();
app.get("/check", (_request, response) => response.send(loadCompiler()));
app.listen(0, function () { console.log(`port ${this.address().port}`); });
