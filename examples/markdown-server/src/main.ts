// The main job (`npm start`): measures the inline and the offloaded server under the same load, checks that their
// HTML is the same, and prints the figures of their clients. `--serve` keeps the offloaded server running.
import { fileURLToPath } from "node:url";
import { findDocuments } from "./documents.js";
import { measure, type Load } from "./measure.js";
import type { Version } from "./messages.js";
import { parseOptions, usage, type Options } from "./options.js";
import { pickDocuments, type PickedDocument } from "./pick-documents.js";
import { Progress } from "./progress.js";
import { requireSameHtml } from "./same-html.js";
import { serve } from "./serve.js";
import { summaryObject, summaryText } from "./summary.js";

/** More connections than cores, so that the heavy route is never idle. */
const heavyConnections = 8;
const fullLoad: Load = { lightPerSecond: 100, heavyConnections, warmUpMs: 3_000, measureMs: 9_000 };
const shortLoad: Load = { ...fullLoad, warmUpMs: 1_000, measureMs: 3_000 };
const fullDocuments = 10;
const shortDocuments = 4;
/** If other programs use more than this fraction of the CPU, the output mentions it. A guess. */
const notableShare = 0.1;

const progress = new Progress();
try {
  await main(parseOptions(process.argv.slice(2)));
} catch (error) {
  progress.done();
  for (const failure of failures(error)) console.error(failure);
  process.exitCode = 1;
}

async function main(options: Options): Promise<void> {
  if (options.help) return console.log(usage);
  const documents = pick(options.short ? shortDocuments : fullDocuments);
  if (options.serve) {
    const address = await serve(documents, options.port);
    progress.done();
    return console.log(`The offloaded server listens on ${address}/ (Ctrl+C ends it).`);
  }

  const load = options.short ? shortLoad : fullLoad;
  const measureVersion = (version: Version) =>
    measure(version, documents, load, (step, ms) => progress.step(`${version} server: ${step}`, ms));
  const inline = await measureVersion("inline");
  const offloaded = await measureVersion("offloaded");
  requireSameHtml(inline.html, offloaded.html);
  progress.done();

  console.log(`${loadText(documents, load)}\n\n${summaryText(inline, offloaded)}`);
  const others = Math.max(inline.othersCpuShare, offloaded.othersCpuShare);
  if (others > notableShare) {
    console.log(`\nOther programs used ${Math.round(others * 100)} % of this machine meanwhile; on a machine of its own the figures are better.`);
  }
  if (options.json) console.log(JSON.stringify(summaryObject(inline, offloaded)));
}

function pick(count: number): PickedDocument[] {
  progress.step("looking for documents that take 20 to 200 ms to render");
  const candidates = findDocuments(fileURLToPath(new URL("..", import.meta.url)));
  return pickDocuments(candidates, count, ({ name, renderMs }) => progress.step(`  ${name}: ${Math.round(renderMs)} ms`));
}

function loadText(documents: readonly PickedDocument[], load: Load): string {
  const times = documents.map(({ renderMs }) => Math.round(renderMs));
  return [
    `${documents.length} documents of installed packages, ${Math.min(...times)} to ${Math.max(...times)} ms each; for ${load.measureMs / 1000} s`,
    `${load.lightPerSecond} light requests a second and ${load.heavyConnections} connections that always have a heavy one under way;`,
    `the HTML of both versions is the same to the byte.`,
  ].join("\n");
}

/** All errors behind `error`, so that an error of the clean-up does not hide the one before it. */
function failures(error: unknown): unknown[] {
  if (!(error instanceof Error)) return [error];
  if ("suppressed" in error && "error" in error) return [...failures(error.suppressed), ...failures(error.error)];
  return [error.message];
}
