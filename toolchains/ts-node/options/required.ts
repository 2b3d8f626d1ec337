(globalThis as { greeting?: string }).greeting = "hello";
