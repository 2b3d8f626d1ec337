// A page with a large table comes from an EJS template.
// packages: express@5.3.0 ejs@7.0.2
// requests: GET /table
// advice: toThread(tablePage
// quick: yes
import ejs from "ejs";
import express from "express";

const template = ejs.compile("<table><% for (const row of rows) { %><tr><td><%= row.id %></td><td><%= row.name %></td><td><%= row.text %></td></tr><% } %></table>");
const rows = Array.from({ length: 250_000 }, (_, id) => ({ id, name: `<${id}>`, text: `a "text" & ${id}` }));

function tablePage() {
  return template({ rows });
}

const app = express();
app.get("/table", (_request, response) => response.send(tablePage()));
app.listen(0, function () { console.log(`port ${this.address().port}`); });
