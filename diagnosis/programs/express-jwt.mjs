// Invitations are signed with a slow algorithm.
// packages: express@5.3.0 jsonwebtoken@9.0.3
// requests: POST /invite
// advice: toThread(signInvitations
import { generateKeyPairSync } from "node:crypto";
import express from "express";
import jwt from "jsonwebtoken";

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

function signInvitations(count) {
  return Array.from({ length: count }, (_, id) => jwt.sign({ id, role: "guest" }, privateKey, { algorithm: "RS256", expiresIn: "1h" }));
}

const app = express();
app.post("/invite", (_request, response) => response.json(signInvitations(600).length));
app.listen(0, function () { console.log(`port ${this.address().port}`); });
