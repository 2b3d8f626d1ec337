// The calls of actors are published as those of pools are.
import { type CallSettledEvent, channels } from "@offloop/workers";
import { expect, it } from "vitest";
import { on } from "../channel-listeners.js";
import { rejection } from "../contract/executors.js";
import { forEachKind } from "./spawn.js";
import { span, Traced } from "../fixtures/traced.mjs";

forEachKind(({ kind, spawn }) => {
  it("publishes each step of a call, with the times that its worker measured", async () => {
    const actor = await spawn({}, Traced);
    const heard: string[] = [];
    const settled: CallSettledEvent[] = [];
    for (const { name } of [channels.callSubmitted, channels.callSent, channels.callSettled]) on<CallSettledEvent>(name, ({ callName, executor, outcome }) => heard.push(`${name} ${callName} ${executor} ${outcome}`));
    on<CallSettledEvent>(channels.callSettled.name, (event) => settled.push(event));
    await actor.spins(30);
    await rejection(actor.fails());
    expect(heard).toEqual(["spins", "fails"].flatMap((name) => [
      `offloop:call:submitted Traced.${name} ${kind} undefined`, `offloop:call:sent Traced.${name} ${kind} undefined`,
      `offloop:call:settled Traced.${name} ${kind} ${name === "fails" ? "rejected" : "fulfilled"}`,
    ]));
    expect(settled[0]!.runMs).toBeGreaterThanOrEqual(30);
    for (const { queuedMs, runMs } of settled) {
      expect(queuedMs).toBeGreaterThanOrEqual(0);
      expect(runMs).toBeGreaterThanOrEqual(0);
    }
  });

  it("publishes the calls of an object that the actor has returned, and of a callback that it returned", async () => {
    const actor = await spawn({}, Traced);
    const counter = await actor.counter();
    const heard: string[] = [];
    const runs: (number | undefined)[] = [];
    for (const { name } of [channels.callSubmitted, channels.callSent, channels.callSettled]) on<CallSettledEvent>(name, ({ callName, executor, outcome }) => heard.push(`${name} ${callName} ${executor} ${outcome}`));
    on<CallSettledEvent>(channels.callSettled.name, ({ runMs }) => runs.push(runMs));
    expect(await counter.next()).toBe(1);
    await rejection(counter.fails());
    const callback = await counter.callback();
    expect(await callback(1)).toBe(2);
    expect(heard).toEqual(["Counter.next", "Counter.fails", "Counter.callback", "addsOne"].flatMap((name) => [
      `offloop:call:submitted ${name} ${kind} undefined`, `offloop:call:sent ${name} ${kind} undefined`,
      `offloop:call:settled ${name} ${kind} ${name === "Counter.fails" ? "rejected" : "fulfilled"}`,
    ]));
    for (const runMs of runs) expect(runMs).toBeGreaterThanOrEqual(0);
    expect(runs).toHaveLength(4);
  });

  it("carries to an object's method what a subscriber of the submission has put into the context", async () => {
    const counter = await (await spawn({}, Traced)).counter();
    on<{ callName: string }>(channels.callSubmitted.name, ({ callName }) => span.enterWith(`${callName} of ${span.getStore()}`));
    expect(await span.run("request", () => counter.currentSpan())).toBe("Counter.currentSpan of request");
  });

  it("carries to the worker what a subscriber of the submission has put into the context", async () => {
    const actor = await spawn({}, Traced);
    on<{ callName: string }>(channels.callSubmitted.name, ({ callName }) => span.enterWith(`${callName} of ${span.getStore()}`));
    await span.run("request", async () => {
      const seen = actor.currentSpan();
      expect(span.getStore()).toBe("request");
      expect(await seen).toBe("Traced.currentSpan of request");
    });
  });
});
