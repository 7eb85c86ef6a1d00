// From the bytes of a file to levels, as `imagier.images.decode` gives them.

const MOST_PIXELS = 60e6, FAINT = 224, OPAQUE = 128, LEAST_DECODED = 512;

class Refusal extends Error {}

function check(isRight, code) {
  if (!isRight) throw new Refusal(code);
}

const startsWith = (bytes, ...values) => values.every((one, i) => bytes[i] === one);
const textAt = (bytes, at, n) => String.fromCharCode(...bytes.subarray(at, at + n));

function recognise(bytes) {
  if (startsWith(bytes, 0xff, 0xd8, 0xff)) return "JPEG";
  if (startsWith(bytes, 0x89, 0x50, 0x4e, 0x47)) return "PNG";
  if (textAt(bytes, 0, 3) === "GIF") return "GIF";
  if (textAt(bytes, 0, 4) === "RIFF" && textAt(bytes, 8, 4) === "WEBP") return "WEBP";
  check(textAt(bytes, 0, 2) === "BM", "format");
  return "BMP";
}

// Decodes a file: { data, w, h, c }, upright, laid on white.
async function decode(bytes, settings) {
  const kind = recognise(bytes);
  if (kind === "PNG") {
    const image = await decodePng(bytes.slice(), settings.deep_white);
    return upright(onWhite(image), image.turn);
  }
  const image = await decodeByBrowser(bytes, kind), factor = kind === "JPEG" ? factorOf(image, settings) : 1;
  const small = factor > 1 ? (smallJpeg(bytes, factor) ?? scaledDown(image, factor)) : onWhite(image);
  return upright(small, image.turn);
}

// By how much a JPEG is decoded smaller, so that both sides still are long enough.
function factorOf({ w, h }, { height, width, ink, fit }) {
  const side = Math.max(height, width, LEAST_DECODED);
  if (ink !== null || fit === "line") return 1;
  return [8, 4, 2].find((one) => Math.floor(w / side) >= one && Math.floor(h / side) >= one) ?? 1;
}

// The browser decodes the rest: without profiles, so that no colour is managed, and as it lies in
// the file, its orientation being read here.
async function decodeByBrowser(bytes, kind) {
  const [plain, turn] = kind === "JPEG" ? withoutNotes(bytes) : kind === "WEBP" ? [hideNotes(bytes), webpTurn(bytes)] : [bytes, 1];
  const options = { colorSpaceConversion: "none", premultiplyAlpha: "none" };
  let bitmap;
  try {
    bitmap = await createImageBitmap(new Blob([plain], { type: `image/${kind.toLowerCase()}` }), options);
  } catch {
    throw new Refusal("damaged");
  }
  const { width: w, height: h } = bitmap;
  check(w * h <= MOST_PIXELS, "pixels");
  const canvas = new OffscreenCanvas(w, h), pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.drawImage(bitmap, 0, 0);
  bitmap.close();
  return { ...apart(pen.getImageData(0, 0, w, h)), turn };
}

function apart({ data: rgba, width: w, height: h }) {
  const data = new Uint8Array(3 * w * h);
  let alpha = new Uint8Array(w * h), isOpaque = true;
  for (let i = 0; i < w * h; i++) {
    for (let k = 0; k < 3; k++) data[3 * i + k] = rgba[4 * i + k];
    alpha[i] = rgba[4 * i + 3];
    isOpaque &&= alpha[i] === 255;
  }
  return { data, w, h, c: 3, alpha: isOpaque ? null : alpha };
}

// A JPEG without its EXIF and its colour profile, and the orientation that stood there.
function withoutNotes(bytes) {
  const kept = [bytes.subarray(0, 2)];
  let turn = 1, at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xda) {
    const kind = bytes[at + 1], end = at + 2 + bytes[at + 2] * 256 + bytes[at + 3];
    if (kind === 0xe1 && textAt(bytes, at + 4, 4) === "Exif") turn = orientation(bytes.subarray(at + 10, end));
    if (kind !== 0xe1 && kind !== 0xe2) kept.push(bytes.subarray(at, end));
    at = end;
  }
  return [new Blob([...kept, bytes.subarray(at)]), turn];
}

function webpNotes(bytes, tell) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 12; at + 8 <= bytes.length; at += 8 + view.getUint32(at + 4, true) + (view.getUint32(at + 4, true) % 2))
    tell(textAt(bytes, at, 4), at, view.getUint32(at + 4, true));
}

function hideNotes(bytes) {
  const plain = bytes.slice();
  webpNotes(bytes, (name, at) => {
    if (name === "EXIF" || name === "ICCP") plain.set([0x4a, 0x55, 0x4e, 0x4b], at);
    if (name === "VP8X") plain[at + 8] &= ~0b00101000;
  });
  return plain;
}

function webpTurn(bytes) {
  let turn = 1;
  webpNotes(bytes, (name, at, length) => {
    const start = at + 8 + (textAt(bytes, at + 8, 4) === "Exif" ? 6 : 0);
    if (name === "EXIF") turn = orientation(bytes.subarray(start, at + 8 + length));
  });
  return turn;
}

// The orientation, 1 to 8, in the notes of a camera.
function orientation(exif) {
  try {
    const view = new DataView(exif.buffer, exif.byteOffset, exif.length), isLittle = view.getUint16(0) === 0x4949;
    const start = view.getUint32(4, isLittle), n = view.getUint16(start, isLittle);
    for (let i = 0; i < n; i++) {
      const at = start + 2 + 12 * i, isLong = view.getUint16(at + 2, isLittle) === 4;
      if (view.getUint16(at, isLittle) !== 0x0112) continue;
      const turn = isLong ? view.getUint32(at + 8, isLittle) : view.getUint16(at + 8, isLittle);
      return turn >= 1 && turn <= 8 ? turn : 1;
    }
  } catch {
    return 1; // broken notes spoil no pixel
  }
  return 1;
}

// The same for a JPEG of a rare kind, from its pixels: of each block of 8 x 8 its lowest frequencies
// alone. That is near, not equal.
function scaledDown(image, factor) {
  const few = 8 / factor, rows = lowFrequencies(few);
  const pass = ({ data, w, h, c }) => {
    const nw = Math.ceil(w / factor), out = new Float32Array(nw * h * c);
    for (let y = 0; y < h; y++) for (let x = 0; x < nw; x++) {
      const block = Math.floor(x / few) * 8, row = rows[x % few];
      for (let k = 0; k < c; k++) {
        let sum = 0;
        for (let i = 0; i < 8; i++) sum += row[i] * data[(y * w + Math.min(block + i, w - 1)) * c + k];
        out[(y * nw + x) * c + k] = sum;
      }
    }
    return table(out, nw, h, c);
  };
  const small = transposed(pass(transposed(pass(image))));
  return { ...small, data: Uint8Array.from(small.data, (one) => clamp(rint(one), 0, 255)) };
}

function lowFrequencies(few) {
  const wave = (n, k, i) => Math.cos(((2 * i + 1) * k * Math.PI) / (2 * n)) * Math.sqrt((k ? 2 : 1) / n);
  return Array.from({ length: few }, (_, i) => Array.from({ length: 8 }, (_, j) => {
    let sum = 0;
    for (let k = 0; k < few; k++) sum += wave(few, k, i) * wave(8, k, j);
    return sum * Math.sqrt(few / 8);
  }));
}

// Laid on white; a drawing that is white on glass is drawn by its opacity.
function onWhite({ data, w, h, c, alpha }) {
  if (!alpha) return table(data, w, h, c);
  const laid = data.map((one, i) => {
    const share = alpha[Math.floor(i / c)], sum = 255 * (255 - share) + one * share + 128;
    return ((sum >> 8) + sum) >> 8;
  });
  let least = 255, clearest = 255, densest = 0;
  for (const one of laid) least = Math.min(least, one);
  for (const one of alpha) { clearest = Math.min(clearest, one); densest = Math.max(densest, one); }
  if (least < FAINT || !(clearest < OPAQUE && OPAQUE <= densest)) return table(laid, w, h, c);
  return table(laid.map((_, i) => 255 - alpha[Math.floor(i / c)]), w, h, c);
}

function upright(image, turn) {
  const { data, w, h, c } = image, isTurned = turn >= 5, nw = isTurned ? h : w, nh = isTurned ? w : h;
  if (turn === 1) return image;
  const out = new Uint8Array(data.length);
  for (let y = 0; y < nh; y++) for (let x = 0; x < nw; x++) {
    const fx = [2, 3, 6, 7].includes(turn) ? nw - 1 - x : x, fy = [3, 4, 7, 8].includes(turn) ? nh - 1 - y : y;
    const from = isTurned ? fx * w + fy : fy * w + fx;
    for (let k = 0; k < c; k++) out[(y * nw + x) * c + k] = data[from * c + k];
  }
  return table(out, nw, nh, c);
}
