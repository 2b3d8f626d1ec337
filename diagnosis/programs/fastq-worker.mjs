// A queue hands its jobs to a function that computes.
// packages: fastq@1.20.3 pngjs@7.0.0
// advice: toThread(encodeTile
// quick: yes
import fastq from "fastq";
import { PNG } from "pngjs";

function encodeTile({ size, shade }) {
  const image = new PNG({ width: size, height: size });
  for (let at = 0; at < image.data.length; at++) image.data[at] = (at * shade) & 255;
  return PNG.sync.write(image, { filterType: 4 }).length;
}

function worker(job, done) {
  done(null, encodeTile(job));
}

const queue = fastq(worker, 2);
setTimeout(() => { for (let shade = 1; shade <= 3; shade++) queue.push({ size: 900, shade }, () => undefined); }, 1_000);
setTimeout(() => process.exit(), 6_000);
