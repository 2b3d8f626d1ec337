const ours = ["offloop", "@offloop/http"];

// Workers start from files of these packages, and all routes share the pool of `toThread`: so they stay out of the bundles.
export default {
  serverExternalPackages: [...ours, "an-array-of-english-words"],
  // Needed only in this repository: its packages are links to folders that are not in node_modules.
  webpack(config) {
    config.externals.push(Object.fromEntries(ours.map((name) => [name, `commonjs ${name}`])));
    return config;
  },
  // `npm run typecheck` of the repository does it.
  typescript: { ignoreBuildErrors: true },
};
