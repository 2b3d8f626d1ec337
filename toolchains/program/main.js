// The program that every toolchain builds and runs. It prints one line of JSON.
import { results } from "./results.js";

results().then((found) => console.log(JSON.stringify(found)));
