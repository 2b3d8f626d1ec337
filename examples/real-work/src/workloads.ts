// What the server can be asked to compute. Each answer is a text that is the same in place and on a thread.
import { spawnActor } from "offloop";
import { renderPdf } from "./documents/work.js";
import { blurHash } from "./images/work.js";
import { renderPage } from "./pages/work.js";
import { logIn } from "./passwords/work.js";
import { importCsv, importXlsx } from "./rows/work.js";
import { LicenceIndex, question } from "./search/licences.js";

/** Runs a function of this request: in place, or on a thread. */
export type Offload = <Args extends unknown[]>(fn: (...args: Args) => string | Promise<string>, ...args: Args) => Promise<string>;

export interface Workload {
  readonly title: string;
  /** How many different requests there are. */
  readonly requests: number;
  /** How many of them are made at a time. */
  readonly clients: number;
  /** Prepares the server, which then answers request number `n`. */
  prepare(inPlace: boolean, files: Files): Promise<(n: number, offload: Offload) => Promise<string>>;
}

/** The files to import. */
export interface Files {
  readonly csv: string;
  readonly xlsx: string;
}

const each = (title: string, requests: number, work: (n: number) => string | Promise<string>): Workload => ({
  title,
  requests,
  clients: 4,
  prepare: async () => (n, offload) => offload(work, n),
});

const importOf = (title: string, work: (path: string) => Promise<string>, kind: keyof Files): Workload => ({
  title,
  requests: 1,
  clients: 1,
  prepare: async (_inPlace, files) => (_n, offload) => offload(work, files[kind]),
});

export const workloads: Readonly<Record<string, Workload>> = {
  passwords: each("log-ins: bcrypt and a signed token", 6, logIn),
  csv: importOf("import of a CSV file", importCsv, "csv"),
  xlsx: importOf("import of a spreadsheet", importXlsx, "xlsx"),
  images: each("previews of pictures: sharp and BlurHash", 6, blurHash),
  pdf: each("PDF documents", 6, renderPdf),
  react: each("pages of React", 6, renderPage),
  search: {
    title: "full-text search, the index in an actor",
    requests: 4,
    clients: 4,
    prepare: async (inPlace) => {
      const index = inPlace ? new LicenceIndex() : await spawnActor(LicenceIndex);
      return async (n) => index.search(question(n));
    },
  },
};
