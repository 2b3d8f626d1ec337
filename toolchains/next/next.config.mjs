// The second line lets workers' errors and the watchdog name source lines in the built program.
export default {
  serverExternalPackages: ["offloop"],
  experimental: { serverSourceMaps: true },
  output: "standalone",
  outputFileTracingRoot: import.meta.dirname,
  distDir: process.env.DIST_DIR,
};
