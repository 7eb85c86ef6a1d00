// Name pictures with an imagier model in Node: node predict.cjs model.onnx PICTURE...
// npm install --ignore-scripts onnxruntime-node sharp
const fs = require("fs");
const ort = require("onnxruntime-node");
const sharp = require("sharp");

// The card: onnxruntime-node gives no metadata, so it is taken from the file: the key "imagier", then
// the length of its value, seven bits a byte, the lowest first, then the value as JSON.
function cardOf(file) {
  const key = "\n\x07imagier\x12";
  let at = file.lastIndexOf(key) + key.length, length = 0, shift = 0;
  do { length += (file[at] & 127) << shift; shift += 7; } while (file[at++] & 128);
  return JSON.parse(file.toString("utf8", at, at + length));
}

async function decoded(path, settings) {
  const side = Math.max(settings.height, settings.width, 512);
  const image = sharp(path, { ignoreIcc: true, autoOrient: true });
  const meta = await image.metadata();
  const [w, h] = [meta.autoOrient.width, meta.autoOrient.height];
  if (meta.format === "jpeg" && !settings.ink && Math.min(w, h) >= 2 * side)
    console.error(`${path}: decoded whole, where imagier takes a half, a quarter or an eighth`);
  if (meta.depth === "ushort" && meta.channels === 1) {
    const raw = await image.toColourspace("grey16").raw({ depth: "ushort" }).toBuffer();
    const white = settings.deep_white || 65535;
    const levels = new Uint16Array(raw.buffer, raw.byteOffset, w * h);
    return { w, h, c: 1, pixels: Array.from(levels, (v) => Math.round(Math.min(v, white) * 255 / white)) };
  }
  const rgba = await image.toColourspace("srgb").ensureAlpha().raw().toBuffer();
  const pixels = new Array(w * h * 3);
  const alpha = Array.from({ length: w * h }, (_, i) => rgba[4 * i + 3]);
  for (let i = 0; i < pixels.length; i++) {
    const a = alpha[Math.floor(i / 3)];
    pixels[i] = Math.round((rgba[4 * Math.floor(i / 3) + (i % 3)] * a + 255 * (255 - a)) / 255);
  }
  const least = (list) => list.reduce((x, y) => Math.min(x, y));
  const some = alpha.some((a) => a < 128) && alpha.some((a) => a >= 128);
  if (some && least(pixels) >= 224) for (let i = 0; i < pixels.length; i++) pixels[i] = 255 - alpha[Math.floor(i / 3)];
  return { w, h, c: 3, pixels };
}

function withChannels({ w, h, c, pixels }, channels) {
  if (c === channels) return { w, h, c, pixels };
  const grey = (i) => (19595 * pixels[3 * i] + 38470 * pixels[3 * i + 1] + 7471 * pixels[3 * i + 2] + 32768) >> 16;
  if (channels === 1) return { w, h, c: 1, pixels: Array.from({ length: w * h }, (_, i) => grey(i)) };
  return { w, h, c: 3, pixels: Array.from({ length: 3 * w * h }, (_, i) => pixels[Math.floor(i / 3)]) };
}

// Bilinear with antialiasing along one axis: triangles as wide as the pixels they make are large,
// their weights in whole 4,194,304ths as in Pillow, so that no level is rounded otherwise.
const ONE = 2 ** 22;
function weights(from, to, length) {
  const scale = (to - from) / length, support = Math.max(scale, 1);
  return Array.from({ length }, (_, i) => (limit) => {
    const centre = from + (i + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - support + 0.5)), last = Math.min(limit, Math.floor(centre + support + 0.5));
    const row = [];
    for (let x = first; x < last; x++) row.push(Math.max(0, 1 - Math.abs((x - centre + 0.5) * (1 / support))));
    const sum = row.reduce((a, b) => a + b, 0);
    return { first, row: row.map((one) => Math.floor(one * (1 / sum) * ONE + 0.5)) };
  });
}

const byte = (value) => Math.max(0, Math.min(255, Math.floor(value / ONE + 0.5)));

function resized({ w, h, c, pixels }, nw, nh, [left, top, right, bottom]) {
  const across = weights(left, right, nw).map((one) => one(w)), down = weights(top, bottom, nh).map((one) => one(h));
  const wide = new Array(nw * h * c), out = new Array(nw * nh * c);
  for (let y = 0; y < h; y++) for (let x = 0; x < nw; x++) for (let k = 0; k < c; k++)
    wide[(y * nw + x) * c + k] = byte(across[x].row.reduce((sum, one, i) => sum + one * pixels[(y * w + across[x].first + i) * c + k], 0));
  for (let y = 0; y < nh; y++) for (let x = 0; x < nw; x++) for (let k = 0; k < c; k++)
    out[(y * nw + x) * c + k] = byte(down[y].row.reduce((sum, one, i) => sum + one * wide[((down[y].first + i) * nw + x) * c + k], 0));
  return { w: nw, h: nh, c, pixels: out };
}

function median(values) {
  values.sort((a, b) => a - b);
  const half = values.length >> 1;
  return values.length % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

function prepared(image, settings, path) {
  const { height, width, fit } = settings, { w, h, c, pixels } = image;
  const border = (k) => {
    const found = [];
    for (const y of [0, h - 1]) for (let x = 0; x < w; x++) found.push(pixels[(y * w + x) * c + k]);
    for (const x of [0, w - 1]) for (let y = 0; y < h; y++) found.push(pixels[(y * w + x) * c + k]);
    return median(found);
  };
  if (settings.ink) {
    const page = border(0);
    if (w !== width || h !== height || (page > 10 && page < 245)) throw Error(`${path}: cut the sign out with imagier first`);
    return page <= 10 ? pixels : pixels.map((v) => 255 - v);
  }
  if (w === width && h === height) return pixels;
  if (fit === "stretch") return resized(image, width, height, [0, 0, w, h]).pixels;
  const part = { crop: 0, "crop-pad": 1 / 3, pad: 1 }[fit];
  const factors = [width / w, height / h];
  const factor = Math.max(...factors) ** (1 - part) * Math.min(...factors) ** part;
  const size = (side, whole) => Math.min(whole, Math.max(1, Math.floor(side * factor + 0.5)));
  const [nw, nh] = [size(w, width), size(h, height)];
  const [left, top] = [Math.max(0, w - width / factor) / 2, Math.max(0, h - height / factor) / 2];
  const small = resized(image, nw, nh, [left, top, w - left, h - top]);
  const ground = Array.from({ length: c }, (_, k) => Math.floor(border(k)));
  const field = Array.from({ length: height * width * c }, (_, i) => ground[i % c]);
  const [x0, y0] = [Math.floor((width - nw) / 2), Math.floor((height - nh) / 2)];
  for (let y = 0; y < nh; y++) for (let i = 0; i < nw * c; i++) field[((y0 + y) * width + x0) * c + i] = small.pixels[y * nw * c + i];
  return field;
}

async function main([model, ...paths]) {
  const file = fs.readFileSync(model), card = cardOf(file), settings = card.prepare;
  const session = await ort.InferenceSession.create(model);
  const shape = [1, settings.height, settings.width, settings.channels];
  for (const path of paths) {
    const image = withChannels(await decoded(path, settings), settings.channels);
    const levels = prepared(image, settings, path).map((v) => Math.round(v * settings.full_scale / 255));
    const { probabilities } = await session.run({ pixels: new ort.Tensor("uint8", Uint8Array.from(levels), shape) });
    const named = card.classes.map((name, i) => [name, probabilities.data[i]]);
    console.log(JSON.stringify({ path, ...Object.fromEntries(named) }));
  }
}

main(process.argv.slice(2));
