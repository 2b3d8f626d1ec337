// `offloop/jest`: @offloop/watchdog/jest under the name of the one install.
export { allowBlocking, failOnStall, LoopHeldError } from "@offloop/watchdog/jest";
export type { GuardOptions } from "@offloop/watchdog/jest";
