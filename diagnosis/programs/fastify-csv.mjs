// A bank statement is parsed and summed.
// packages: fastify@5.12.8 csv-parse@7.0.3
// requests: GET /sum
// advice: toThread(sumStatement
// quick: yes
import { parse } from "csv-parse/sync";
import Fastify from "fastify";

const statement = `date,text,amount\n${Array.from({ length: 60_000 }, (_, row) => `2024-01-${(row % 28) + 1},"Payment ${row}, thanks",${row / 100}`).join("\n")}`;

function sumStatement(text) {
  return parse(text, { columns: true }).reduce((sum, { amount }) => sum + Number(amount), 0);
}

const app = Fastify();
app.get("/sum", async () => ({ sum: sumStatement(statement) }));
await app.listen({ port: 0 });
console.log(`port ${app.server.address().port}`);
