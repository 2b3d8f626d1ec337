// A shop exports its orders as a spreadsheet.
// packages: express@5.3.0 exceljs@4.4.0
// requests: GET /orders.xlsx
// awaits: exportOrders
// advice: toThread(exportOrders
import ExcelJS from "exceljs";
import express from "express";

async function exportOrders() {
  const workbook = new ExcelJS.Workbook();
  const sheet = workbook.addWorksheet("orders");
  sheet.columns = ["id", "name", "city", "total"].map((key) => ({ header: key, key, width: 20 }));
  for (let id = 0; id < 8_000; id++) sheet.addRow({ id, name: `Customer ${id}`, city: `City ${id % 50}`, total: id * 1.5 });
  return workbook.xlsx.writeBuffer();
}

const app = express();
app.get("/orders.xlsx", async (_request, response) => response.end(Buffer.from(await exportOrders())));
app.listen(0, function () { console.log(`port ${this.address().port}`); });
