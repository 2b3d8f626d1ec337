// The messages between main.ts and the two processes that it starts for each version.
//
//   measure.ts ── publish, resetFigures, readFigures ──▶ server.ts   (and back: FromServer)
//   measure.ts ── LoadPlan ────────────────────────────▶ load.ts     (and back: FromLoad)
import type { Stall } from "offloop";
import type { Document } from "./documents.js";

export type Version = "inline" | "offloaded";

export type ToServer =
  | { readonly kind: "publish"; readonly documents: readonly Document[] }
  | { readonly kind: "resetFigures" }
  | { readonly kind: "readFigures" };

export type FromServer =
  | { readonly kind: "listening"; readonly address: string }
  | { readonly kind: "figuresReset" }
  | { readonly kind: "figures"; readonly figures: ServerFigures };

/** The server's own figures since the last reset. */
export interface ServerFigures {
  readonly loopDelayP99Ms: number;
  readonly stalls: readonly Stall[];
  readonly cpuMs: number;
}

export interface LoadPlan {
  readonly address: string;
  readonly names: readonly string[];
  readonly lightPerSecond: number;
  readonly heavyConnections: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export type FromLoad =
  | { readonly kind: "windowOpened" }
  | { readonly kind: "measured"; readonly figures: LoadFigures };

/** The figures of the clients while the window was open. */
export interface LoadFigures {
  readonly lightMs: readonly number[];
  readonly heavyPerSecond: number;
  readonly cpuMs: number;
  /** The number of requests that failed or had another status than 200, by the kind of failure. */
  readonly failures: Readonly<Record<string, number>>;
}
