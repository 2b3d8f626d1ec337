// `offloop/vitest`: @offloop/watchdog/vitest under the name of the one install.
export { allowBlocking, failOnStall, LoopHeldError } from "@offloop/watchdog/vitest";
export type { GuardOptions } from "@offloop/watchdog/vitest";
