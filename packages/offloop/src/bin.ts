#!/usr/bin/env node
// The command `offloop`.
import { main } from "@offloop/watchdog/cli";

main(process.argv.slice(2));
