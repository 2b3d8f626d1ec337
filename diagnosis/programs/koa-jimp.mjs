// A photo is made smaller by a library that is JavaScript alone.
// packages: koa@3.3.0 jimp@1.6.1
// requests: GET /thumbnail
// awaits: thumbnail
// advice: toThread(thumbnail
import { Jimp } from "jimp";
import Koa from "koa";

const photo = await new Jimp({ width: 1200, height: 900, color: 0x3366ffff }).getBuffer("image/png");

async function thumbnail() {
  const image = await Jimp.read(photo);
  image.blur(4).resize({ w: 300 });
  return image.getBuffer("image/jpeg");
}

const server = new Koa().use(async (context) => { context.body = await thumbnail(); }).listen(0, () => console.log(`port ${server.address().port}`));
