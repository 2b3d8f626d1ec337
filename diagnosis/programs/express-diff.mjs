// Two versions of a document are compared.
// packages: express@5.3.0 diff@9.0.0
// requests: GET /diff
// advice: toThread(compareVersions
import { diffWords } from "diff";
import express from "express";

const before = Array.from({ length: 5_000 }, (_, word) => `word${(word * 31) % 977}`).join(" ");
const after = Array.from({ length: 5_000 }, (_, word) => (word % 11 === 0 ? `new${word}` : `word${(word * 31) % 977}`)).join(" ");

function compareVersions() {
  return diffWords(before, after).length;
}

const app = express();
app.get("/diff", (_request, response) => response.json(compareVersions()));
app.listen(0, function () { console.log(`port ${this.address().port}`); });
