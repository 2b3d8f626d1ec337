"""The oracle: runs the programs of generate.mjs on CPython's asyncio, on a clock that jumps.

One JSON program a line on stdin, one JSON trace a line on stdout. interpret.mjs is its mirror, op by
op: a difference between the two traces is a difference between the two loops.
"""

import asyncio
import concurrent.futures
import heapq
import itertools
import json
import logging
import sys
import warnings
from asyncio import base_events

END = 1000
warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)


class Selector:
    """Nothing to watch: time jumps to the next timer."""

    def __init__(self, loop):
        self.loop = loop

    def select(self, timeout):
        if timeout is None:
            raise RuntimeError("deadlock: the program's end is a timer, so this cannot be")
        if timeout > 0:
            self.loop.now += timeout
        return []


class StableTimer(asyncio.TimerHandle):
    """Equal times in the order of scheduling, which a heap alone leaves open."""

    sequence = itertools.count()

    def __init__(self, *args):
        super().__init__(*args)
        self.number = next(self.sequence)

    def __lt__(self, other):
        return (self._when, self.number) < (other._when, other.number)


class VirtualLoop(base_events.BaseEventLoop):
    def __init__(self):
        super().__init__()
        self.now = 0
        self._clock_resolution = 1e-9
        self._selector = Selector(self)

    def time(self):
        return self.now

    def call_at(self, when, callback, *args, context=None):
        timer = StableTimer(when, callback, args, self, context)
        heapq.heappush(self._scheduled, timer)
        timer._scheduled = True
        return timer

    def _process_events(self, events):
        pass

    def _write_to_self(self):
        pass


class FuzzError(Exception):
    pass


class Missing(Exception):
    """An op names what is not there (yet)."""


PENDING_RETURN = object()


def error_tag(error):
    if isinstance(error, asyncio.CancelledError):
        # gather() makes a CancelledError("") where there was no message
        return ["cancelled", (error.args[0] or None) if error.args else None]
    if isinstance(error, FuzzError):
        return ["error", error.args[0]]
    if isinstance(error, BaseExceptionGroup):
        return ["group", [error_tag(each) for each in error.exceptions]]
    for kind, tag in (
        (TimeoutError, "timeout"),
        (asyncio.InvalidStateError, "misuse"),
        (asyncio.QueueEmpty, "queue-empty"),
        (asyncio.QueueFull, "queue-full"),
        (asyncio.QueueShutDown, "queue-shutdown"),
        (asyncio.BrokenBarrierError, "broken-barrier"),
        (ValueError, "misuse"),
        (RuntimeError, "misuse"),
    ):
        if isinstance(error, kind):
            return [tag]
    raise error


def at_most_one_done(futures):
    """as_completed looks at those that are done already in the order of their addresses."""
    first = next((each for each in futures if each.done()), None)
    return [each for each in futures if each is first or not each.done()]


class OrderedSet(dict):
    def add(self, each):
        self[each] = None

    def discard(self, each):
        self.pop(each, None)


class OrderedGroup(asyncio.TaskGroup):
    """Cancels its tasks in the order in which they were made, not in that of their addresses."""

    def __init__(self):
        super().__init__()
        self._tasks = OrderedSet()


class Program:
    def __init__(self, source):
        self.source = source
        self.loop = VirtualLoop()
        self.loop.set_exception_handler(lambda loop, context: None)
        self.env = {}
        self.names = {}
        self.trace = []
        self.open = True
        self.calls = []
        self.left = set()

    def run(self):
        self.loop.call_soon(self.start)
        self.loop.call_at(END, self.end_first)
        asyncio.set_event_loop(None)
        self.loop.run_forever()
        self.open = False
        return self.trace

    def start(self):
        self.bind("t0", self.loop.create_task(self.body("t0", self.source["main"]), name="t0"))

    def end_first(self):
        self.dump("first")
        for name, each in list(self.env.items()):
            if isinstance(each, asyncio.Task) and not each.done():
                each.cancel("end")
        self.loop.call_later(END, self.end_second)

    def end_second(self):
        self.dump("second")
        self.open = False
        self.loop.stop()

    def dump(self, which):
        for name, each in list(self.env.items()):
            if isinstance(each, asyncio.Future):
                self.note("end", which, name, self.state(each))
        for number, call in self.calls:
            self.note("end", which, number, self.state(call))

    def note(self, *what):
        if self.open:
            self.trace.append([self.loop.now, *what])

    def bind(self, name, value):
        self.env[name] = value
        self.names[id(value)] = name
        return value

    def get(self, name):
        if name == "self":
            task = asyncio.current_task()
            if task is None:
                raise Missing(name)
            return task
        if name not in self.env:
            raise Missing(name)
        return self.env[name]

    def state(self, future):
        if not future.done():
            return ["pending"]
        if future.cancelled():
            return ["cancelled"]
        error = future.exception()
        return ["value", self.value(future.result())] if error is None else error_tag(error)

    def value(self, value):
        if isinstance(value, BaseException):
            return error_tag(value)
        if isinstance(value, (list, tuple)):
            return [self.value(each) for each in value]
        if value is None or isinstance(value, (bool, int, str)):
            return value
        return "?"

    # -- blocks ------------------------------------------------------------------------------

    async def body(self, who, ops):
        self.note(who, "begin")
        try:
            value = await self.block(who, ops)
        except BaseException as error:
            if isinstance(error, GeneratorExit):
                raise
            self.note(who, "throw", error_tag(error))
            raise
        value = None if value is PENDING_RETURN else value
        self.note(who, "return", value)
        return value

    async def block(self, who, ops):
        for op in ops:
            signal = await self.step(who, op)
            if signal is not PENDING_RETURN:
                return signal
        return PENDING_RETURN

    async def step(self, who, op):
        kind = op["op"]
        try:
            run = getattr(self, "async_" + kind, None)
            if run is not None:
                return await run(who, op)
            self.sync(who, op)
        except Missing:
            self.note(who, op["n"], "missing")
        return PENDING_RETURN

    def sync_block(self, who, ops):
        for op in ops:
            try:
                self.sync(who, op)
            except Missing:
                self.note(who, op["n"], "missing")

    def sync(self, who, op):
        result = getattr(self, "sync_" + op["op"])(who, op)
        self.note(who, op["n"], op["op"], result)

    async def awaiting(self, who, op, awaitable, show=None):
        """Awaits, and notes how it ended."""
        self.note(who, op["n"], op["op"], "…")
        try:
            value = await awaitable
        except BaseException as error:
            if isinstance(error, GeneratorExit):
                raise
            self.note(who, op["n"], op["op"], "!", error_tag(error))
            raise
        self.note(who, op["n"], op["op"], "=", self.value(value) if show is None else show(value))
        return PENDING_RETURN

    # -- plain ops: also allowed in callbacks ------------------------------------------------------

    def sync_log(self, who, op):
        return None

    def sync_who(self, who, op):
        task = asyncio.current_task()
        return None if task is None else task.get_name()

    def sync_tasks(self, who, op):
        return len([task for task in asyncio.all_tasks() if task not in self.left])

    def sync_future(self, who, op):
        self.bind(op["name"], self.loop.create_future())

    def sync_set(self, who, op):
        future = self.get(op["x"])
        try:
            future.set_result(op["v"])
        except asyncio.InvalidStateError as error:
            return error_tag(error)
        return None

    def sync_fail(self, who, op):
        future = self.get(op["x"])
        try:
            future.set_exception(FuzzError(op["v"]))
        except asyncio.InvalidStateError as error:
            return error_tag(error)
        return None

    def sync_cancel(self, who, op):
        x = self.get(op["x"])
        return x.cancel() if op["msg"] is None else x.cancel(op["msg"])

    def sync_uncancel(self, who, op):
        return self.get(op["x"]).uncancel()

    def sync_cancelling(self, who, op):
        return self.get(op["x"]).cancelling()

    def sync_state(self, who, op):
        return self.state(self.get(op["x"]))

    def sync_result(self, who, op):
        try:
            return ["value", self.value(self.get(op["x"]).result())]
        except Missing:
            raise
        except BaseException as error:
            return error_tag(error)

    def sync_spawn(self, who, op):
        name = op["name"]
        self.bind(name, self.loop.create_task(self.body(name, op["body"]), name=name))

    def sync_eager(self, who, op):
        name = op["name"]
        self.bind(name, asyncio.Task(self.body(name, op["body"]), loop=self.loop, name=name, eager_start=True))

    def children(self, op):
        return [self.get(name) for name in op["xs"]]

    def sync_gather(self, who, op):
        self.bind(op["name"], asyncio.gather(*self.children(op), return_exceptions=op["all"]))

    def sync_shield(self, who, op):
        self.bind(op["name"], asyncio.shield(self.get(op["x"])))

    def sync_soon(self, who, op):
        self.bind(op["name"], self.loop.call_soon(self.callback, op))

    def sync_later(self, who, op):
        self.bind(op["name"], self.loop.call_later(op["d"], self.callback, op))

    def sync_drop(self, who, op):
        self.get(op["x"]).cancel()

    def sync_donecb(self, who, op):
        self.get(op["x"]).add_done_callback(lambda future: self.callback(op))

    def callback(self, op):
        self.note(op["name"], "called")
        self.sync_block(op["name"], op["body"])

    def sync_resched(self, who, op):
        scope = self.get(op["x"])
        try:
            scope.reschedule(None if op["d"] is None else self.loop.time() + op["d"])
        except RuntimeError as error:
            return error_tag(error)
        return None

    def sync_groupspawn(self, who, op):
        group = self.get(op["x"])
        name = op["name"]
        coro = self.body(name, op["body"])
        try:
            task = group.create_task(coro, name=name)
        except RuntimeError as error:
            coro.close()
            return error_tag(error)
        self.bind(name, task)
        return None

    # -- calls of an executor ----------------------------------------------------------------------

    def submit(self, op):
        """A call of an executor without threads: it settles at its time, as a thread would make it settle."""
        call = concurrent.futures.Future()
        self.calls.append((op["n"], call))
        wrapped = asyncio.wrap_future(call, loop=self.loop)

        def settle():
            if call.cancelled() or wrapped.cancelled():
                return  # wrap_future cancels the call in the loop's next pass
            if op["fails"]:
                call.set_exception(FuzzError(op["v"]))
            else:
                call.set_result(op["v"])

        self.loop.call_later(op["d"], settle)
        return wrapped

    def sync_call(self, who, op):
        self.bind(op["name"], self.submit(op))

    async def async_calling(self, who, op):
        call = self.submit(op)
        how = op["how"]
        if how == "await":
            return await self.awaiting(who, op, call)
        if how == "waitfor":
            return await self.awaiting(who, op, asyncio.wait_for(call, op["limit"]))
        if how == "gather":
            return await self.awaiting(who, op, asyncio.gather(call))
        show = lambda pair: [[each is call for each in half] for half in pair]
        return await self.awaiting(who, op, asyncio.wait({call}, timeout=op["limit"]), show)

    async def async_leave(self, who, op):
        """In JavaScript, an async function that nothing awaits. Here it needs a task."""
        x = self.get(op["x"])
        if asyncio.current_task().cancelling() > 0:
            return PENDING_RETURN

        async def left():
            try:
                value = self.value(await x)
            except BaseException as error:
                if isinstance(error, GeneratorExit):
                    raise
                value = error_tag(error)
            self.note(who, op["n"], "left", value)

        self.left.add(asyncio.Task(left(), loop=self.loop, eager_start=True))
        return PENDING_RETURN

    # -- waiting -----------------------------------------------------------------------------------

    async def async_sleep(self, who, op):
        return await self.awaiting(who, op, asyncio.sleep(op["d"], op["v"]))

    async def async_await(self, who, op):
        return await self.awaiting(who, op, self.get(op["x"]))

    async def async_wait(self, who, op):
        xs = set(self.children(op))
        waiting = asyncio.wait(xs, timeout=op["d"], return_when=op["when"])
        show = lambda pair: [sorted(self.names[id(each)] for each in half) for half in pair]
        return await self.awaiting(who, op, waiting, show)

    async def async_waitfor(self, who, op):
        return await self.awaiting(who, op, asyncio.wait_for(self.get(op["x"]), op["d"]))

    async def async_completed(self, who, op):
        xs = at_most_one_done(self.children(op))
        self.note(who, op["n"], "completed", "…")
        try:
            async for each in asyncio.as_completed(xs, timeout=op["d"]):
                self.note(who, op["n"], "completed", self.names[id(each)], self.state(each))
        except BaseException as error:
            if isinstance(error, GeneratorExit):
                raise
            self.note(who, op["n"], "completed", "!", error_tag(error))
            raise
        self.note(who, op["n"], "completed", "=")
        return PENDING_RETURN

    async def async_timeout(self, who, op):
        self.note(who, op["n"], "timeout", "…")
        scope = asyncio.timeout(op["d"])
        try:
            async with scope:
                self.bind(op["name"], scope)
                signal = await self.block(who, op["body"])
        except BaseException as error:
            if isinstance(error, GeneratorExit):
                raise
            self.note(who, op["n"], "timeout", "!", error_tag(error), scope.expired())
            raise
        self.note(who, op["n"], "timeout", "=", scope.expired())
        return signal

    async def async_group(self, who, op):
        self.note(who, op["n"], "group", "…")
        try:
            async with OrderedGroup() as group:
                self.bind(op["name"], group)
                signal = await self.block(who, op["body"])
        except BaseException as error:
            if isinstance(error, GeneratorExit):
                raise
            self.note(who, op["n"], "group", "!", error_tag(error))
            raise
        self.note(who, op["n"], "group", "=")
        return signal

    async def async_try(self, who, op):
        kinds = {"cancelled": asyncio.CancelledError, "error": Exception, "all": BaseException, "none": ()}
        try:
            signal = await self.block(who, op["body"])
        except kinds[op["catch"]] as error:
            if isinstance(error, GeneratorExit):
                raise
            self.note(who, op["n"], "caught", error_tag(error))
            signal = await self.block(who, op["handler"])
            if op["rethrow"]:
                raise
        finally:
            if op["final"] and self.open:
                self.note(who, op["n"], "finally")
                await self.block(who, op["final"])
        return signal

    async def async_raise(self, who, op):
        self.note(who, op["n"], "raise")
        if op["cancelled"]:
            raise asyncio.CancelledError(op["v"])
        raise FuzzError(op["v"])

    async def async_return(self, who, op):
        self.note(who, op["n"], "returning")
        return op["v"]

    # -- locks and queues ----------------------------------------------------------------------

    def sync_lock(self, who, op):
        self.bind(op["name"], asyncio.Lock())

    def sync_semaphore(self, who, op):
        self.bind(op["name"], asyncio.Semaphore(op["v"]))

    def sync_event(self, who, op):
        self.bind(op["name"], asyncio.Event())

    def sync_condition(self, who, op):
        self.bind(op["name"], asyncio.Condition())

    def sync_barrier(self, who, op):
        self.bind(op["name"], asyncio.Barrier(op["v"]))

    def sync_queue(self, who, op):
        kinds = {"fifo": asyncio.Queue, "lifo": asyncio.LifoQueue, "priority": asyncio.PriorityQueue}
        self.bind(op["name"], kinds[op["kind"]](op["v"]))

    async def async_hold(self, who, op):
        """Holds a lock or one of a semaphore's permits over a body."""
        x = self.get(op["x"])
        await self.awaiting(who, op, x.acquire())
        try:
            return await self.block(who, op["body"])
        finally:
            if self.open:
                x.release()
                self.note(who, op["n"], "released", x.locked())

    def sync_locked(self, who, op):
        return self.get(op["x"]).locked()

    def sync_release(self, who, op):
        self.get(op["x"]).release()

    def sync_eventset(self, who, op):
        self.get(op["x"]).set()

    def sync_eventclear(self, who, op):
        self.get(op["x"]).clear()

    async def async_eventwait(self, who, op):
        return await self.awaiting(who, op, self.get(op["x"]).wait())

    async def async_conditionwait(self, who, op):
        x = self.get(op["x"])
        await self.awaiting(who, op, x.acquire())
        try:
            return await self.awaiting(who, op, x.wait())
        finally:
            if self.open:
                x.release()
                self.note(who, op["n"], "released", x.locked())

    async def async_notify(self, who, op):
        x = self.get(op["x"])
        await self.awaiting(who, op, x.acquire())
        try:
            x.notify_all() if op["v"] is None else x.notify(op["v"])
            self.note(who, op["n"], "notified")
            return PENDING_RETURN
        finally:
            x.release()

    async def async_barrierwait(self, who, op):
        x = self.get(op["x"])
        await self.awaiting(who, op, x.wait())
        self.note(who, op["n"], x.n_waiting, x.broken)
        return PENDING_RETURN

    async def async_barrierabort(self, who, op):
        return await self.awaiting(who, op, self.get(op["x"]).abort())

    async def async_barrierreset(self, who, op):
        return await self.awaiting(who, op, self.get(op["x"]).reset())

    async def async_put(self, who, op):
        return await self.awaiting(who, op, self.get(op["x"]).put(op["v"]))

    async def async_take(self, who, op):
        return await self.awaiting(who, op, self.get(op["x"]).get())

    async def async_takewithin(self, who, op):
        return await self.awaiting(who, op, asyncio.wait_for(self.get(op["x"]).get(), op["d"]))

    def sync_handover(self, who, op):
        x, task = self.get(op["x"]), self.get(op["t"])
        if isinstance(x, asyncio.Semaphore):
            x.release()
            return task.cancel()
        return [self.guarded(lambda: x.put_nowait(op["v"])), task.cancel()]

    async def async_putwithin(self, who, op):
        return await self.awaiting(who, op, asyncio.wait_for(self.get(op["x"]).put(op["v"]), op["d"]))

    async def async_eventwithin(self, who, op):
        return await self.awaiting(who, op, asyncio.wait_for(self.get(op["x"]).wait(), op["d"]))

    async def async_holdwithin(self, who, op):
        x = self.get(op["x"])
        await self.awaiting(who, op, asyncio.wait_for(x.acquire(), op["d"]))
        x.release()
        return PENDING_RETURN

    async def async_join(self, who, op):
        return await self.awaiting(who, op, self.get(op["x"]).join())

    def guarded(self, run):
        try:
            return ["value", self.value(run())]
        except Exception as error:
            return error_tag(error)

    def sync_putnow(self, who, op):
        x = self.get(op["x"])
        return self.guarded(lambda: x.put_nowait(op["v"]))

    def sync_takenow(self, who, op):
        x = self.get(op["x"])
        return self.guarded(lambda: x.get_nowait())

    def sync_taskdone(self, who, op):
        x = self.get(op["x"])
        return self.guarded(lambda: x.task_done())

    def sync_shutdown(self, who, op):
        self.get(op["x"]).shutdown(op["v"])

    def sync_size(self, who, op):
        x = self.get(op["x"])
        return [x.qsize(), x.empty(), x.full()]


def main():
    for line in sys.stdin:
        program = Program(json.loads(line))
        try:
            trace = program.run()
        except Exception as error:  # an oracle that stumbles must not look like agreement
            trace = [["oracle", repr(error)]]
        sys.stdout.write(json.dumps(trace, separators=(",", ":"), ensure_ascii=False) + "\n")
        sys.stdout.flush()


main()
