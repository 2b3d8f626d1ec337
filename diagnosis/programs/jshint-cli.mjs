// JSHint checks a large file.
// packages: jshint@2.13.6 lodash@4.18.1
// inputs: lodash/lodash.js
// command: jshint/bin/jshint input/lodash.js
// advice: time goes in
