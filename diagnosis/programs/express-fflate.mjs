// An archive is packed in one call.
// packages: express@5.3.0 fflate@0.8.3
// requests: GET /archive.zip
// advice: toThread(packArchive
import express from "express";
import { strToU8, zipSync } from "fflate";

const files = Object.fromEntries(Array.from({ length: 20 }, (_, id) => [`report-${id}.txt`, strToU8(Array.from({ length: 9_000 }, (__, line) => `line ${line * id} of report ${id}`).join("\n"))]));

function packArchive() {
  return Buffer.from(zipSync(files, { level: 6 }));
}

const app = express();
app.get("/archive.zip", (_request, response) => response.end(packArchive()));
app.listen(0, function () { console.log(`port ${this.address().port}`); });
