"""Lists the tests of CPython's suite, class by class, as cpython-tests.json has them.

    python3.13 inventory.py > cpython-tests.json

Only what a class defines itself counts: the same tests inherited for C and Python variants are one.
"""

import ast
import json
import os
import sys
import test

MODULES = [
    "test_asyncio/test_futures",
    "test_asyncio/test_futures2",
    "test_asyncio/test_tasks",
    "test_asyncio/test_taskgroups",
    "test_asyncio/test_timeouts",
    "test_asyncio/test_waitfor",
    "test_asyncio/test_runners",
    "test_asyncio/test_eager_task_factory",
    "test_asyncio/test_threads",
    "test_asyncio/test_context",
    "test_asyncio/test_base_events",
    "test_asyncio/test_events",
    "test_concurrent_futures/executor",
    "test_concurrent_futures/test_future",
    "test_concurrent_futures/test_wait",
    "test_concurrent_futures/test_as_completed",
    "test_concurrent_futures/test_thread_pool",
    "test_concurrent_futures/test_process_pool",
    "test_concurrent_futures/test_shutdown",
    "test_concurrent_futures/test_init",
    "test_concurrent_futures/test_deadlock",
]


def tests_of(module):
    with open(os.path.join(os.path.dirname(test.__file__), module + ".py"), encoding="utf8") as source:
        tree = ast.parse(source.read())
    found = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef):
            continue
        names = [each.name for each in node.body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)) and each.name.startswith("test")]
        if names:
            found[node.name] = list(dict.fromkeys(names))
    return found


json.dump({module: tests_of(module) for module in MODULES}, sys.stdout, indent=1)
print()
