// The Less compiler builds a framework's styles.
// packages: less@4.9.1 bootstrap@3.4.1
// command: less/bin/lessc node_modules/bootstrap/less/bootstrap.less out/less.css
// kind: script | microtasks | callbacks
// advice: time goes in
