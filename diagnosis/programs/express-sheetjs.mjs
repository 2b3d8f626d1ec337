// A price list is uploaded as a spreadsheet.
// packages: express@5.3.0 xlsx@0.18.5
// requests: GET /import
// advice: toThread(importPrices
import express from "express";
import XLSX from "xlsx";

const rows = Array.from({ length: 12_000 }, (_, id) => ({ id, name: `Article ${id}`, price: id / 7, stock: id % 90 }));
const file = XLSX.write({ SheetNames: ["prices"], Sheets: { prices: XLSX.utils.json_to_sheet(rows) } }, { type: "buffer" });

function importPrices(bytes) {
  const { Sheets } = XLSX.read(bytes);
  return XLSX.utils.sheet_to_json(Sheets.prices).length;
}

const app = express();
app.get("/import", (_request, response) => response.json(importPrices(file)));
app.listen(0, function () { console.log(`port ${this.address().port}`); });
