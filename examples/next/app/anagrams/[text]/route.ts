// The route handler: GET /anagrams/a%20text?words=2
import { offloadFor } from "@offloop/http";
import type { NextRequest } from "next/server";
import { anagrams } from "../../../lib/anagrams";

interface Answered {
  readonly message: string;
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export async function GET(request: NextRequest, { params }: { readonly params: Promise<{ readonly text: string }> }): Promise<Response> {
  const { text } = await params;
  try {
    return Response.json(await offloadFor(request)(anagrams, text, Number(request.nextUrl.searchParams.get("words") ?? 2)));
  } catch (error) {
    // Next does not read the status of an error.
    const { message, statusCode, headers = {} } = error as Answered;
    if (statusCode === undefined) throw error;
    return Response.json({ error: message }, { status: statusCode, headers });
  }
}
