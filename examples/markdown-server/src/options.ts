// The command line of the main job.
import { parseArgs } from "node:util";

export interface Options {
  readonly json: boolean;
  readonly serve: boolean;
  readonly short: boolean;
  readonly help: boolean;
  readonly port: number;
}

export const usage = `npm start [-- options]

Starts a Markdown server twice, rendering inline and through toThread, drives both with the same load,
and prints what their clients saw.

  --json         print the figures as one JSON object on the last line
  --short        a short measurement that shows that everything works; its figures are rough
  --serve        keep the offloaded server up and print its address
  --port <n>     the port of --serve (default: any that is free)
  --help         print this text
`;

/** @throws Error an argument is unknown or has a wrong value; the message is one sentence about the first one */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      serve: { type: "boolean", default: false },
      short: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
      port: { type: "string" },
    },
  });
  const { json, serve, short, help, port = "0" } = values;
  if (serve && (json || short)) throw new Error(`--serve measures nothing, so it cannot be combined with --${json ? "json" : "short"}: leave out one of them.`);
  if (values.port !== undefined && !serve) throw new Error("--port works with --serve only: add --serve, or leave it out.");
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new Error(`--port takes a number from 0 to 65535, not ${JSON.stringify(port)}.`);
  return { json, serve, short, help, port: Number(port) };
}
