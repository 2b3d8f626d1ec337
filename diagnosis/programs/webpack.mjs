// webpack bundles and minifies a program.
// packages: webpack@5.113.0 webpack-cli@7.3.1 terser-webpack-plugin@5.6.1 lodash@4.18.1
// inputs: lodash/lodash.js
// command: webpack/bin/webpack.js --config {file}
// advice: time goes in
import { fileURLToPath } from "node:url";

export default {
  mode: "production",
  entry: fileURLToPath(new URL("input/lodash.js", import.meta.url)),
  output: { path: fileURLToPath(new URL("out/webpack", import.meta.url)) },
  optimization: { minimizer: [new (await import("terser-webpack-plugin")).default({ parallel: false })] },
};
