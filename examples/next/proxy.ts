// Refuses requests that compute while the queue is full, before Next renders anything: 503 with Retry-After. An action could not
// set the status of its answer itself.
import { LoadGauge } from "@offloop/http";
import { NextResponse, type NextRequest } from "next/server";
import { MAX_QUEUE } from "./lib/limits";

const gauge = new LoadGauge({ maxQueue: MAX_QUEUE });

export function proxy(request: NextRequest): NextResponse {
  const computes = request.method === "POST" || request.nextUrl.pathname.startsWith("/anagrams/");
  const refusal = computes ? gauge.refusal() : undefined;
  if (refusal === undefined) return NextResponse.next();
  return NextResponse.json({ error: "The server is overloaded." }, { status: 503, headers: { "retry-after": String(refusal.retryAfterMs / 1_000) } });
}
