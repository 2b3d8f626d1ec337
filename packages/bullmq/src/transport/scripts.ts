// What Redis does at once, for which BullMQ has no command.
import type { Redis } from "ioredis";

/** The commands that `define` adds to a connection. */
export interface Scripts {
  /** Takes a call out of the queue. @returns whether it was there: 0 or 1 */
  offloopTake(prioritized: string, job: string, body: string, call: string): Promise<number>;
  /** The state of each call, as `StateOfCall` has it, with the id of its host after `lost`. */
  offloopStates(prefix: string, ...calls: string[]): Promise<string[]>;
}

/** The states of calls in Redis. A claim is lost if its lock has ended, which its host renews. */
export const stateOfCall = { gone: "", waiting: "w", claimed: "c", lost: "l" } as const;

const take = `
if redis.call("ZREM", KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call("UNLINK", KEYS[2], KEYS[3])
return 1`;

const states = `
local states = {}
for index, call in ipairs(ARGV) do
  local job = KEYS[1] .. call
  local fields = redis.call("HMGET", job, "processedOn", "finishedOn", "pb")
  if fields[1] then
    if fields[2] or redis.call("EXISTS", job .. ":lock") == 1 then states[index] = "c"
    else states[index] = "l" .. (fields[3] or "") end
  elseif redis.call("EXISTS", job) == 1 then states[index] = "w"
  else states[index] = "" end
end
return states`;

/** Adds the commands to a connection. @returns the same connection */
export function define(redis: Redis): Redis & Scripts {
  redis.defineCommand("offloopTake", { numberOfKeys: 3, lua: take });
  redis.defineCommand("offloopStates", { numberOfKeys: 1, lua: states, readOnly: true });
  return redis as Redis & Scripts;
}
