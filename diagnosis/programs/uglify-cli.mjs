// UglifyJS minifies a large file.
// packages: uglify-js@3.19.3 lodash@4.18.1
// inputs: lodash/lodash.js
// command: uglify-js/bin/uglifyjs --compress --mangle --output out/uglify.js input/lodash.js
// advice: time goes in
