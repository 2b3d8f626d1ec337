// Themes are compiled from Sass on request.
// packages: koa@3.3.0 sass@1.108.2
// requests: GET /theme.css
// advice: toThread(compileTheme
import Koa from "koa";
import * as sass from "sass";

const source = `@use "sass:color"; @use "sass:math"; $base: #336699; ${Array.from({ length: 1_500 }, (_, id) => `.block-${id} { width: math.div(${id}px, 3); &:hover { color: color.adjust($base, $lightness: ${id % 40} * 1%); .inner { margin: ${id}px; } } }`).join("\n")}`;

function compileTheme() {
  return sass.compileString(source).css;
}

const server = new Koa().use((context) => { context.body = compileTheme(); }).listen(0, () => console.log(`port ${server.address().port}`));
