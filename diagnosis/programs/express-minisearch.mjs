// A search index is built again when the articles change.
// packages: express@5.3.0 minisearch@7.2.0
// requests: POST /reindex
// advice: toThread(buildIndex
import express from "express";
import MiniSearch from "minisearch";

const articles = Array.from({ length: 9_000 }, (_, id) => ({ id, title: `Article ${id}`, text: Array.from({ length: 25 }, (__, word) => `term${(id * word * 13) % 4_999}`).join(" ") }));

function buildIndex() {
  const index = new MiniSearch({ fields: ["title", "text"] });
  index.addAll(articles);
  return index.termCount;
}

const app = express();
app.post("/reindex", (_request, response) => response.json(buildIndex()));
app.listen(0, function () { console.log(`port ${this.address().port}`); });
