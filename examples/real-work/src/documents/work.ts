// The texts of ten software licences as a PDF.
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import PDFDocument from "pdfkit";

const licences = Object.values(createRequire(import.meta.url)("spdx-license-list/spdx-full.json") as Readonly<Record<string, { readonly name: string; readonly licenseText: string }>>);

/** @returns the size of the PDF in bytes, and its digest */
export async function renderPdf(n: number): Promise<string> {
  const document = new PDFDocument({ compress: true, info: { CreationDate: new Date(0), Title: `Licences, volume ${n}` } });
  for (let i = 0; i < 10; i++) {
    const { name, licenseText } = licences[(n * 10 + i) % licences.length]!;
    if (i > 0) document.addPage();
    document.fontSize(18).text(name).fontSize(9).text(licenseText.slice(0, 6_000), { align: "justify", columns: 2 });
  }
  document.end();
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of document as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return `${bytes} bytes, ${hash.digest("hex")}`;
}
