// An invoice of many pages is written as a PDF.
// packages: hono@4.13.19 @hono/node-server@2.1.9 pdfkit@0.20.2
// requests: GET /invoice.pdf
// advice: toThread(writeInvoice
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import PDFDocument from "pdfkit";

function writeInvoice(lines) {
  const document = new PDFDocument({ compress: false });
  const chunks = [];
  document.on("data", (chunk) => chunks.push(chunk));
  for (let line = 0; line < lines; line++) document.text(`Position ${line}: an article with a long description, ${line * 3} pieces at ${line / 10} each`);
  document.end();
  return chunks.length;
}

const app = new Hono();
app.get("/invoice.pdf", (context) => context.text(String(writeInvoice(2_500))));
serve({ fetch: app.fetch, port: 0 }, ({ port }) => console.log(`port ${port}`));
