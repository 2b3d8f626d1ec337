// The entry of the thread that searches large texts for the code of functions.
//
//   function/admitting/search-thread.ts ── Search ──▶ findFunction
//                                       ◀── Found ──
import { parentPort } from "node:worker_threads";
import { findFunction } from "../function/admitting/find-function.js";
import type { Found, Search } from "../function/admitting/search-thread.js";

parentPort!.on("message", (search: Search) => parentPort!.postMessage(findFunction(...search) satisfies Found));
