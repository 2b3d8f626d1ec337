// InlineExecutor under the contract; the suites are in src/testing.
import { InlineExecutor } from "@offloop/workers";
import { describeExecutor } from "@offloop/workers/testing";
import { afterEach, beforeEach, describe, it } from "vitest";

describeExecutor({ describe, it, beforeEach, afterEach }, {
  name: "inline",
  make: () => new InlineExecutor(),
  module: new URL("./make-inline.mjs", import.meta.url),
  capabilities: { workers: "it is for tests that need no worker", syncWayBack: true },
});
