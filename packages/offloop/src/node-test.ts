// `offloop/node-test`: @offloop/watchdog/node-test under the name of the one install.
export { allowBlocking, failOnStall, LoopHeldError } from "@offloop/watchdog/node-test";
export type { GuardOptions } from "@offloop/watchdog/node-test";
