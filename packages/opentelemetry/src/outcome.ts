// What a span or a measurement says of a call that failed.
import { type Attributes, type Exception, type Span, SpanStatusCode } from "@opentelemetry/api";
import type { CallSettledEvent } from "@offloop/workers";
import { attribute } from "./attributes.js";

/** The `code` of an error, else the name of its class. */
function errorType(error: unknown): string {
  const { code, name } = (typeof error === "object" && error !== null ? error : {}) as { readonly code?: unknown; readonly name?: unknown };
  if (typeof code === "string" && code !== "") return code;
  return typeof name === "string" && name !== "" ? name : "_OTHER";
}

/** `error.type` of a call that was rejected. A cancellation was requested, so it is no error. */
export function outcomeAttributes({ outcome, error }: CallSettledEvent): Attributes {
  return { [attribute.callOutcome]: outcome, ...(outcome === "rejected" ? { [attribute.errorType]: errorType(error) } : {}) };
}

/** Writes the outcome of a call into its span. */
export function recordOutcome(span: Span, call: CallSettledEvent): void {
  span.setAttributes(outcomeAttributes(call));
  if (call.outcome !== "rejected") return;
  const error = call.error as { readonly message?: unknown } | undefined;
  const message = typeof error?.message === "string" ? error.message : String(call.error);
  span.recordException((error instanceof Error ? error : message) as Exception);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}
