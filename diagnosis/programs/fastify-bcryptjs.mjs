// A password is hashed with bcrypt in JavaScript.
// packages: fastify@5.12.8 bcryptjs@3.0.3
// requests: POST /login
// advice: toThread(hashPassword
// quick: yes
import bcrypt from "bcryptjs";
import Fastify from "fastify";

function hashPassword(password) {
  return bcrypt.hashSync(password, 12);
}

const app = Fastify();
app.post("/login", async () => ({ hash: hashPassword("correct horse") }));
await app.listen({ port: 0 });
console.log(`port ${app.server.address().port}`);
