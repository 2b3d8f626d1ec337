// Rollup bundles a program.
// packages: rollup@4.68.8 lodash-es@4.18.1
// command: rollup/dist/bin/rollup node_modules/lodash-es/lodash.js --file out/rollup/lodash.js --silent
// kind: script | microtasks | callbacks
// advice: time goes in
