// A handler derives a key with a call that blocks.
// packages: express@5.3.0
// requests: GET /key
// advice: crypto.pbkdf2 with a callback
// quick: yes
// kind: native
import { pbkdf2Sync } from "node:crypto";
import express from "express";

function deriveKey(password) {
  return pbkdf2Sync(password, "salt", 900_000, 64, "sha512").toString("hex");
}

const app = express();
app.get("/key", (_request, response) => response.send(deriveKey("secret")));
app.listen(0, function () { console.log(`port ${this.address().port}`); });
