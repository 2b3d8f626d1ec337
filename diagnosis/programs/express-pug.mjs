// A list page comes from a Pug template.
// packages: express@5.3.0 pug@3.0.4
// requests: GET /list
// advice: toThread(listPage
import express from "express";
import pug from "pug";

const template = pug.compile("ul\n  each item in items\n    li(class=item.kind title=item.title)\n      b= item.title\n      | #{item.text}");
const items = Array.from({ length: 120_000 }, (_, id) => ({ kind: `k${id % 9}`, title: `Item <${id}>`, text: "some text & more" }));

function listPage() {
  return template({ items });
}

const app = express();
app.get("/list", (_request, response) => response.send(String(listPage().length)));
app.listen(0, function () { console.log(`port ${this.address().port}`); });
