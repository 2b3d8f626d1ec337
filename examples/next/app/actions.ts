"use server";
// The server action: what the form of page.tsx sends.
import { offloadFor } from "@offloop/http";
import { anagrams } from "../lib/anagrams";
import { currentRequest } from "../lib/current-request";

export async function findAnagrams(_before: readonly string[], form: FormData): Promise<readonly string[]> {
  try {
    return await offloadFor(currentRequest())(anagrams, String(form.get("text")), Number(form.get("words")));
  } catch (error) {
    if ((error as { readonly statusCode?: number }).statusCode === 499) return []; // the client has gone: nobody reads it
    throw error;
  }
}
