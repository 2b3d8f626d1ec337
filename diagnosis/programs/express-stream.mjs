// Rows go through a stream, each a little work.
// packages: express@5.3.0 csv-stringify@6.9.0
// requests: GET /rows
// kind: callbacks | microtasks
// advice: batch | toThread
import { Readable, Transform } from "node:stream";
import { stringify } from "csv-stringify";
import express from "express";

function transform(row, _encoding, done) {
  let score = 0;
  for (let step = 0; step < 60_000; step++) score = Math.imul(score ^ (row.id + step), 16_777_619);
  done(null, { ...row, score });
}

const app = express();
app.get("/rows", (_request, response) => {
  const rows = Readable.from(Array.from({ length: 6_000 }, (_, id) => ({ id, name: `Row ${id}` })));
  rows.pipe(new Transform({ objectMode: true, transform })).pipe(stringify()).pipe(response);
});
app.listen(0, function () { console.log(`port ${this.address().port}`); });
