// The tests of the contract that do not hold for calls on other hosts, by title, each with its reason. The feature is
// refused by name: test/refusals.test.ts has the test of each refusal.
export const notPortable: Readonly<Record<string, string>> = {
  "runs only as many calls of a broadcast at once as its limiter has room for, and gives all room back": "a broadcast goes to each host in one message, and all workers begin at once",
  "works outside a call too, for timers that outlive it": "a host has many callers, so a request that belongs to no running call has no place to go",
  "has workers in the caller's process: its host runs calls on threads": "a host has threads too, in a process of its own",
  "rejects all calls with the path of setup data that cannot be cloned": "the set-up data of workers is an option of the host, and crosses to nobody",
  "passes printed lines to onOutput, with the call's name": "workers print where the host prints; onOutput is an option of the host",
  "a flood on stderr and on stdout neither blocks nor corrupts the messages": "it listens by onOutput, which is an option of the host",
};
