// Prettier formats a large file.
// packages: prettier@3.10.1 lodash@4.18.1
// inputs: lodash/lodash.js
// command: prettier/bin/prettier.cjs --ignore-path none --no-config input/lodash.js
// advice: time goes in
