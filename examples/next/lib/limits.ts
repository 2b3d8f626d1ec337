export const MAX_WORKERS = Number(process.env["MAX_WORKERS"] ?? 2);
/** How many calls may wait for a worker. */
export const MAX_QUEUE = Number(process.env["MAX_QUEUE"] ?? 8);
