// Lets a server that the judge ends exit as by itself, so that Node writes its CPU profile.
process.once("SIGTERM", () => process.exit(0));
