// SVGO optimises a large drawing.
// packages: svgo@3.3.5 bootstrap-icons@1.13.2
// command: svgo/bin/svgo --quiet --folder node_modules/bootstrap-icons/icons --output out/svgo
// kind: script | microtasks | callbacks
// advice: time goes in | calls fs.
