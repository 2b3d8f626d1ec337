// ESLint checks a large file.
// packages: eslint@9.39.5 @eslint/js@9.39.5 lodash@4.18.1
// inputs: lodash/lodash.js
// command: eslint/bin/eslint.js --no-config-lookup --config {file} input/lodash.js
// advice: time goes in
import js from "@eslint/js";

export default [{ ...js.configs.recommended, languageOptions: { sourceType: "commonjs" } }];
