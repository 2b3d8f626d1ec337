// A data set is validated against a JSON schema.
// packages: express@5.3.0 ajv@8.20.0 ajv-formats@3.0.1
// requests: POST /check
// advice: toThread(checkRows
import Ajv from "ajv";
import addFormats from "ajv-formats";
import express from "express";

const ajv = addFormats(new Ajv({ allErrors: true }));
const validate = ajv.compile({ type: "array", items: { type: "object", required: ["id", "mail"], properties: { id: { type: "integer" }, mail: { type: "string", format: "email" }, tags: { type: "array", uniqueItems: true, items: { type: "string" } } } } });
const rows = Array.from({ length: 200_000 }, (_, id) => ({ id, mail: id % 10 === 0 ? "none" : `user${id}@example.org`, tags: ["a", "b", `c${id}`] }));

function checkRows() {
  validate(rows);
  return validate.errors.length;
}

const app = express();
app.post("/check", (_request, response) => response.json(checkRows()));
app.listen(0, function () { console.log(`port ${this.address().port}`); });
