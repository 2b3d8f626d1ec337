// A page is changed as a browser would.
// packages: express@5.3.0 jsdom@26.1.0
// requests: GET /page
// advice: toThread(changePage
import express from "express";
import { JSDOM } from "jsdom";

const html = `<table>${Array.from({ length: 2_500 }, (_, id) => `<tr class="r${id % 2}"><td>${id}</td><td>Text ${id}</td></tr>`).join("")}</table>`;

function changePage() {
  const { window } = new JSDOM(html);
  for (const row of window.document.querySelectorAll("tr.r1")) row.setAttribute("title", row.textContent);
  return window.document.body.innerHTML.length;
}

const app = express();
app.get("/page", (_request, response) => response.json(changePage()));
app.listen(0, function () { console.log(`port ${this.address().port}`); });
