// Previews of pictures. sharp decodes and scales on threads of its own; what the program itself computes from the pixels, here
// a BlurHash, holds the loop.
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { encode } from "blurhash";
import sharp from "sharp";

const folder = join(dirname(createRequire(import.meta.url).resolve("flag-icons/package.json")), "flags/4x3");
const flags = readdirSync(folder).sort();

/** @returns the name of a flag and the BlurHash of its picture, 360 pixels wide */
export async function blurHash(n: number): Promise<string> {
  const flag = flags[n % flags.length]!;
  const { data, info } = await sharp(join(folder, flag)).resize(360).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return `${flag} ${encode(new Uint8ClampedArray(data), info.width, info.height, 4, 3)}`;
}
