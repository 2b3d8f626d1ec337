// A bulk upload is validated.
// packages: hono@4.13.19 @hono/node-server@2.1.9 zod@4.6.7
// requests: POST /bulk
// advice: toThread(validateRows
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { z } from "zod";

const rowSchema = z.object({ id: z.number().int(), mail: z.email(), tags: z.array(z.string().max(20)), address: z.object({ city: z.string(), zip: z.string().regex(/^\d{5}$/) }) });
const rows = Array.from({ length: 150_000 }, (_, id) => ({ id, mail: `user${id}@example.org`, tags: ["a", "b", `t${id}`], address: { city: "Bonn", zip: "53111" } }));

function validateRows() {
  return z.array(rowSchema).safeParse(rows).success;
}

const app = new Hono();
app.post("/bulk", (context) => context.text(String(validateRows())));
serve({ fetch: app.fetch, port: 0 }, ({ port }) => console.log(`port ${port}`));
