#!/usr/bin/env node
// The command `offloop`.
import { main } from "./main.js";

main(process.argv.slice(2));
