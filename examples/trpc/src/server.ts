// The router, and its server.
import type { Server } from "node:http";
import { createHTTPServer } from "@trpc/server/adapters/standalone";
import type { Executor } from "offloop";
import { z } from "zod";
import { type Context, headersOfErrors, offloading, procedure, router } from "./offloading.js";
import { tour } from "./tour.js";

const trip = z.object({ country: z.string().regex(/^[A-Z]{2}$/), passes: z.int().min(0).max(1_000).default(1) });

const appRouter = router({
  hello: procedure.query(() => "hello"),
  tour: offloading.input(trip).query(async ({ ctx, input }) => ctx.offload(tour, input.country, input.passes)),
});

export type AppRouter = typeof appRouter;

export function createServer(executor: Executor): Server {
  return createHTTPServer({ router: appRouter, createContext: ({ req, res }): Context => ({ req, res, executor }), responseMeta: headersOfErrors });
}
