// What each package may weigh. A change that needs more raises its number here, where the review sees it.

interface Budget {
  /** The tarball, in KiB. */
  readonly packed: number;
  /** All JavaScript that `import` of the package's first entry loads, with that of its dependencies, in KiB. */
  readonly imported: number;
}

export const budgets: Readonly<Record<string, Budget>> = {
  "@offloop/bullmq": { packed: 57, imported: 2100 },
  "@offloop/core": { packed: 280, imported: 175 },
  "@offloop/fastify": { packed: 29, imported: 255 },
  "@offloop/http": { packed: 47, imported: 195 },
  "@offloop/nats": { packed: 64, imported: 0.85 },
  "@offloop/nestjs": { packed: 16, imported: 1400 },
  "@offloop/opentelemetry": { packed: 31, imported: 330 },
  "@offloop/prometheus": { packed: 14, imported: 285 },
  "@offloop/remote": { packed: 134, imported: 362 },
  "@offloop/watchdog": { packed: 510, imported: 17.5 },
  "@offloop/workers": { packed: 940, imported: 80 },
  offloop: { packed: 27, imported: 225 },
};
