// The check of delays and times, for all functions that take one. A delay below 0 ends at once, as in asyncio.
import { checkOption, type OptionType } from "@offloop/workers/executor";

/** The option type of a time span. */
export const delay: OptionType = { takes: "milliseconds: a number, or Infinity for no limit", accepts: (value) => typeof value === "number" && !Number.isNaN(value) };
/** The option type of a point in time on the loop's clock. */
export const loopTime: OptionType = { takes: "a time on the loop's clock: a number, or Infinity for none", accepts: delay.accepts };

/** @throws InvalidOptionError */
export function checkDelay(of: string, name: string, value: unknown): void {
  if (value !== undefined) checkOption(of, name, value, delay);
}

/** @throws InvalidOptionError */
export function checkLoopTime(of: string, name: string, value: unknown): void {
  if (value !== undefined) checkOption(of, name, value, loopTime);
}
