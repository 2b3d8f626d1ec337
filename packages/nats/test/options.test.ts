// What openTransport refuses, and what it takes. No NATS is needed: a transport connects with its first use.
import { openTransport } from "@offloop/nats";
import { InvalidOptionError } from "@offloop/workers";
import { describe, expect, it } from "vitest";
import { rejection } from "../../remote/test/helpers.js";

const url = "nats://127.0.0.1:1";
const open = openTransport as (url: unknown, options?: unknown) => ReturnType<typeof openTransport>;
const fits = { prefix: "mine", leaseMs: 100, maxBytes: 1, partsMs: 1_000, storage: "memory", replicas: 3 };

describe("openTransport()", () => {
  it("takes each of its options, and no options", async () => {
    for (const [options, maxBytes] of [[undefined, 2 ** 26], [{}, 2 ** 26], [{ prefix: undefined }, 2 ** 26], [fits, 1]] as const) {
      const transport = await open(url, options);
      expect(transport).toMatchObject({ name: "nats", maxBytes });
      await transport.close();
    }
    await (await open("tls://user:word@host.example:4443")).close();
  });

  it("names the option of the nearest name for a misspelt one", async () => {
    for (const [key, value] of Object.entries(fits)) {
      const error = await rejection(open(url, { [`${key}z`]: value }));
      expect(error).toBeInstanceOf(InvalidOptionError);
      expect(error).toMatchObject({ option: `${key}z`, message: `unknown option \`${key}z\` of openTransport(); did you mean \`${key}\`?` });
    }
  });

  it("says what an option takes when its value does not fit", async () => {
    for (const [option, values] of Object.entries({ prefix: ["", "a.b", "a b", 5, null], leaseMs: [99, 0.5, NaN, null, "5000"], maxBytes: [0, 1.5, Infinity, null], partsMs: [999, "day", null], storage: ["disk", null], replicas: [0, 6, 1.5, null] })) {
      for (const value of values) expect(await rejection(open(url, { [option]: value })), `${option}: ${value}`).toMatchObject({ name: "InvalidOptionError", option, message: expect.stringContaining(`${option} of openTransport() takes`) });
    }
    for (const wrong of [null, 5, "options", [1], () => {}]) expect(await rejection(open(url, wrong))).toBeInstanceOf(InvalidOptionError);
  });

  it("reads options that stand in the URL, and those of the second argument before them", async () => {
    for (const [options, maxBytes] of [[undefined, 5], [{ maxBytes: 6 }, 6], [{ maxBytes: undefined }, 5]] as const) {
      const transport = await open(`${url}?prefix=mine&leaseMs=300&maxBytes=5&storage=memory&replicas=2`, options);
      expect(transport.maxBytes).toBe(maxBytes);
      await transport.close();
    }
    for (const [query, option] of [["leaseMs=5", "leaseMs"], ["leaseMs=soon", "leaseMs"], ["leaseMs=", "leaseMs"], ["lease=500", "lease"], ["storage=disk", "storage"], ["replicas=9", "replicas"]] as const) expect(await rejection(open(`${url}?${query}`)), query).toMatchObject({ name: "InvalidOptionError", option });
  });

  it("refuses what is no URL of NATS, before it connects", async () => {
    for (const wrong of ["", "localhost:4222", "/tmp/nats.sock", "https://localhost", "redis://localhost", "nats://", "nats", undefined, 4222, null]) {
      expect(await rejection(open(wrong)), String(wrong)).toMatchObject({ name: "InvalidOptionError", option: "url", message: expect.stringContaining("nats://host:4222") });
    }
  });
});
