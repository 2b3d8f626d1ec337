// A queue makes RSA keys in JavaScript.
// packages: p-queue@9.3.5 node-forge@1.4.3
// advice: toThread(makeKey
import forge from "node-forge";
import PQueue from "p-queue";

function makeKey(seed) {
  const random = forge.random.createInstance();
  random.seedFileSync = () => String(seed).padEnd(32, "x");
  return forge.pki.rsa.generateKeyPair({ bits: 1024, prng: random, workers: 0, algorithm: "PRIMEINC" }).publicKey.n.bitLength();
}

forge.options.usePureJavaScript = true;
const queue = new PQueue({ concurrency: 1 });
setTimeout(() => { for (const seed of [3, 4]) void queue.add(() => makeKey(seed)); }, 1_000);
await new Promise((resolve) => setTimeout(resolve, 1_200));
await queue.onIdle();
