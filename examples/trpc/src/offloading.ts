// What procedures that compute on threads share. Their errors become answers: 503 with Retry-After, if the queue is full.
import type { IncomingMessage, ServerResponse } from "node:http";
import { offloadFor, type RequestOffload } from "@offloop/http";
import { initTRPC, TRPCError } from "@trpc/server";
import type { Executor } from "offloop";

export interface Context {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly executor: Executor;
}

interface Answered {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

const codes: Readonly<Record<number, TRPCError["code"]>> = { 499: "CLIENT_CLOSED_REQUEST", 503: "SERVICE_UNAVAILABLE" };

const t = initTRPC.context<Context>().create();

export const { router } = t;
export const procedure = t.procedure;

/** A procedure whose `ctx.offload` runs functions on a worker. Its calls end when the client goes away. */
export const offloading = procedure.use(async ({ ctx, path, next }) => {
  const offload: RequestOffload = offloadFor(ctx, { executor: ctx.executor, name: path });
  const result = await next({ ctx: { offload } });
  const code = result.ok ? undefined : codes[(result.error.cause as Answered | undefined)?.statusCode ?? 0];
  if (result.ok || code === undefined) return result;
  throw new TRPCError({ code, message: result.error.message, cause: result.error.cause });
});

/** The `responseMeta` of an adapter: the headers of the errors, `Retry-After` among them. */
export const headersOfErrors = ({ errors }: { readonly errors: readonly TRPCError[] }): { headers: Record<string, string> } => ({
  headers: Object.assign({}, ...errors.map(({ cause }) => (cause as Answered | undefined)?.headers)),
});
