// What openTransport refuses, and what it takes. No Redis is needed: a transport connects with its first use.
import { openTransport } from "@offloop/bullmq";
import { InvalidOptionError } from "@offloop/workers";
import { describe, expect, it } from "vitest";
import { rejection } from "../../remote/test/helpers.js";

const url = "redis://127.0.0.1:1";
const open = openTransport as (url: unknown, options?: unknown) => ReturnType<typeof openTransport>;
const fits = { prefix: "mine", leaseMs: 100, maxBytes: 1 };

describe("openTransport()", () => {
  it("takes each of its options, and no options", async () => {
    for (const [options, maxBytes] of [[undefined, 2 ** 26], [{}, 2 ** 26], [{ prefix: undefined }, 2 ** 26], [fits, 1]] as const) {
      const transport = await open(url, options);
      expect(transport).toMatchObject({ name: "bullmq", maxBytes });
      await transport.close();
    }
    await (await open("rediss://user:word@host.example:6380/3")).close();
  });

  it("names the option of the nearest name for a misspelt one", async () => {
    for (const [key, value] of Object.entries(fits)) {
      const error = await rejection(open(url, { [`${key}z`]: value }));
      expect(error).toBeInstanceOf(InvalidOptionError);
      expect(error).toMatchObject({ option: `${key}z`, message: `unknown option \`${key}z\` of openTransport(); did you mean \`${key}\`?` });
    }
  });

  it("says what an option takes when its value does not fit", async () => {
    for (const [option, values] of Object.entries({ prefix: ["", 5, null], leaseMs: [99, 0.5, NaN, null, "5000"], maxBytes: [0, 1.5, Infinity, null] })) {
      for (const value of values) expect(await rejection(open(url, { [option]: value })), `${option}: ${value}`).toMatchObject({ name: "InvalidOptionError", option, message: expect.stringContaining(`${option} of openTransport() takes`) });
    }
    for (const wrong of [null, 5, "options", [1], () => {}]) expect(await rejection(open(url, wrong))).toBeInstanceOf(InvalidOptionError);
  });

  it("reads options that stand in the URL, and those of the second argument before them", async () => {
    for (const [options, maxBytes] of [[undefined, 5], [{ maxBytes: 6 }, 6], [{ maxBytes: undefined }, 5]] as const) {
      const transport = await open(`${url}/2?prefix=mine&leaseMs=300&maxBytes=5`, options);
      expect(transport.maxBytes).toBe(maxBytes);
      await transport.close();
    }
    for (const [query, option] of [["leaseMs=5", "leaseMs"], ["leaseMs=soon", "leaseMs"], ["leaseMs=", "leaseMs"], ["lease=500", "lease"]] as const) expect(await rejection(open(`${url}?${query}`)), query).toMatchObject({ name: "InvalidOptionError", option });
  });

  it("refuses what is no URL of Redis, before it connects", async () => {
    for (const wrong of ["", "localhost:6379", "/tmp/redis.sock", "https://localhost", "redis", undefined, 6379, null]) {
      expect(await rejection(open(wrong)), String(wrong)).toMatchObject({ name: "InvalidOptionError", option: "url", message: expect.stringContaining("redis://host:6379") });
    }
  });
});
