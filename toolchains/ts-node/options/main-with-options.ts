// The program of the toolchains, and a function whose file needs the options of the command and of its tsconfig.
import { toProcess, toThread } from "offloop";
import { greeting } from "./greeting";
import { results } from "./results";

async function main(): Promise<void> {
  const options = [greeting(), await toThread(greeting), await toProcess(greeting)];
  console.log(JSON.stringify({ ...(await results()), options }));
}

void main();
