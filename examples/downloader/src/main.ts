// Downloads files, four at a time, from a local server on which some are slow and some fail. Ctrl+C
// cancels what is under way. `--check`: cancels a second round by itself, and looks at what is on disk.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { strict as assert } from "node:assert";
import { CancelledError, createTask, gather, run, sleep, TimeoutError } from "@offloop/core";
import { Bars } from "./bars.js";
import { download } from "./download.js";
import { contentOf, startFilesServer } from "./files-server.js";

const limit = 4;
const timeoutMs = 3_000;
const quick = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel"].map((name) => `quick/${name}.bin`);
const paths = [...quick.slice(0, 4), "slow/india.bin", "broken/juliett.bin", "missing/kilo.bin", ...quick.slice(4)];
