// A model is solved with a matrix library.
// packages: hono@4.13.19 @hono/node-server@2.1.9 mathjs@15.2.0
// requests: GET /solve
// advice: toThread(solveModel
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { create, all } from "mathjs";

const math = create(all);

function solveModel(size) {
  const matrix = math.matrix(Array.from({ length: size }, (_, row) => Array.from({ length: size }, (__, column) => ((row * 31 + column * 17) % 97) + (row === column ? 100 : 0))));
  return math.det(math.multiply(math.inv(matrix), matrix));
}

const app = new Hono();
app.get("/solve", (context) => context.text(String(solveModel(160))));
serve({ fetch: app.fetch, port: 0 }, ({ port }) => console.log(`port ${port}`));
