// Terser minifies a large file.
// packages: terser@5.51.4 lodash@4.18.1
// inputs: lodash/lodash.js
// command: terser/bin/terser --compress --mangle --output out/lodash.min.js input/lodash.js
// advice: time goes in
