"use client";
import { useActionState } from "react";
import { findAnagrams } from "./actions";

export function AnagramForm() {
  const [found, action, pending] = useActionState(findAnagrams, []);
  return (
    <form action={action}>
      <input name="text" defaultValue="event loop" aria-label="text" />
      <input name="words" type="number" min={1} max={4} defaultValue={2} aria-label="words" />
      <button disabled={pending}>Find anagrams</button>
      <ol>
        {found.map((words) => (
          <li key={words}>{words}</li>
        ))}
      </ol>
    </form>
  );
}
