// A field is checked by a pattern that backtracks.
// packages: express@5.3.0
// requests: GET /check
// advice: change the pattern
// quick: yes
import express from "express";

const address = /^([\w.-]+)+@([\w-]+\.)+\w+$/;

function isAddress(text) {
  return address.test(text);
}

const app = express();
app.get("/check", (_request, response) => response.json(isAddress(`${"a".repeat(25)}!`)));
app.listen(0, function () { console.log(`port ${this.address().port}`); });
