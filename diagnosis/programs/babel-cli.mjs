// The Babel command compiles a large file.
// packages: @babel/cli@7.29.7 @babel/core@7.29.13 @babel/preset-env@7.29.14 lodash@4.18.1
// inputs: lodash/lodash.js
// command: @babel/cli/bin/babel.js --presets @babel/preset-env --out-file out/babel.js input/lodash.js
// advice: time goes in
