"""asyncio's side of suites/loop.ts: runs the workload that each line of stdin names, and answers with its figures.

    {"workload": "timers", "count": 1000}  ->  {"ns": 12345678, "result": 1000}
"""
import asyncio
import json
import platform
import sys
import time


async def call_soon(count):
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    calls = 0

    def callback():
        nonlocal calls
        calls += 1
        if calls == count:
            done.set_result(None)

    for _ in range(count):
        loop.call_soon(callback)
    await done
    return calls


async def tasks(count):
    async def work(value):
        return value

    total = 0
    for index in range(count):
        total += await asyncio.create_task(work(index))
    return total


async def ping_pong(count):
    turns = 0

    async def player():
        nonlocal turns
        for _ in range(count // 2):
            turns += 1
            await asyncio.sleep(0)

    await asyncio.gather(player(), player())
    return turns


async def queue(count):
    items = asyncio.Queue(1)

    async def produce():
        for index in range(count):
            await items.put(index)

    producer = asyncio.create_task(produce())
    total = 0
    for _ in range(count):
        total += await items.get()
    await producer
    return total


async def timers(count):
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    fired = 0

    def callback():
        nonlocal fired
        fired += 1
        if fired == count:
            done.set_result(None)

    for index in range(count):
        loop.call_later((index * 7919 % 1000) / 100_000, callback)
    await done
    return fired


async def gather(count):
    async def work(value):
        await asyncio.sleep(0)
        return value

    return sum(await asyncio.gather(*[work(index) for index in range(count)]))


async def measure(workload, count):
    began = time.perf_counter_ns()
    result = await workload(count)
    return time.perf_counter_ns() - began, result


workloads = {"callSoon": call_soon, "tasks": tasks, "pingPong": ping_pong, "queue": queue, "timers": timers, "gather": gather}
print(json.dumps({"name": f"asyncio, {platform.python_implementation()} {platform.python_version()}"}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    ns, result = asyncio.run(measure(workloads[request["workload"]], request["count"]))
    print(json.dumps({"ns": ns, "result": result}), flush=True)
