// Counts the calls that each host has answered.
import { subscribe } from "node:diagnostics_channel";
import type { CallSettledEvent } from "offloop";

/** @returns the counts by the names of the hosts, which grow with each answer */
export function countByHost(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  subscribe("offloop:call:settled", (message) => {
    const { host, outcome } = message as CallSettledEvent;
    if (host !== undefined && outcome === "fulfilled") counts.set(host, (counts.get(host) ?? 0) + 1);
  });
  return counts;
}
