// PNG files decoded here, since a browser's canvas mixes opacity into the levels and may apply
// colour profiles: every level is the one that stands in the file.

const PNG_CHANNELS = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const PASSES = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]];

async function inflated(parts) {
  try {
    const stream = new Blob(parts).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch {
    throw new Refusal("damaged");
  }
}

// Levels and, where the file knows it, opacity: { data, w, h, c, alpha, turn }; c is 1 or 3.
async function decodePng(bytes, deepWhite) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length), chunks = {}, parts = [];
  for (let at = 8; at + 8 <= bytes.length; at += view.getUint32(at) + 12) {
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8)), content = bytes.subarray(at + 8, at + 8 + view.getUint32(at));
    if (name === "IDAT") parts.push(content);
    else chunks[name] ??= content;
    if (name === "IEND") break;
  }
  check(chunks.IHDR?.length === 13, "damaged");
  const head = new DataView(chunks.IHDR.buffer, chunks.IHDR.byteOffset, 13);
  const [w, h, bits, kind] = [head.getUint32(0), head.getUint32(4), head.getUint8(8), head.getUint8(9)];
  check(w * h > 0 && kind in PNG_CHANNELS, "damaged");
  check(w * h <= MOST_PIXELS, "pixels");
  const samples = unfiltered(await inflated(parts), w, h, bits, PNG_CHANNELS[kind], head.getUint8(12));
  const image = levelled(samples, w, h, bits, kind, chunks, deepWhite);
  return { ...image, turn: chunks.eXIf ? orientation(chunks.eXIf) : 1 };
}

function unfiltered(raw, w, h, bits, channels, isInterlaced) {
  const out = bits === 16 ? new Uint16Array(w * h * channels) : new Uint8Array(w * h * channels);
  let at = 0;
  for (const [left, top, dx, dy] of isInterlaced ? PASSES : [[0, 0, 1, 1]]) {
    const pw = Math.ceil((w - left) / dx), ph = Math.ceil((h - top) / dy);
    if (pw <= 0 || ph <= 0) continue;
    const length = Math.ceil((pw * channels * bits) / 8), step = Math.max(1, (channels * bits) >> 3);
    let before = new Uint8Array(length);
    for (let y = 0; y < ph; y++, at += length) {
      const kind = raw[at++], line = raw.subarray(at, at + length);
      check(line.length === length, "damaged");
      unfilter(kind, line, before, step);
      spread(line, bits, pw * channels, (i, value) => {
        const x = Math.floor(i / channels);
        out[((top + y * dy) * w + left + x * dx) * channels + (i % channels)] = value;
      });
      before = line;
    }
  }
  return out;
}

function unfilter(kind, line, before, step) {
  for (let i = 0; i < line.length; i++) {
    const left = i >= step ? line[i - step] : 0, up = before[i], corner = i >= step ? before[i - step] : 0;
    if (kind === 1) line[i] += left;
    else if (kind === 2) line[i] += up;
    else if (kind === 3) line[i] += (left + up) >> 1;
    else if (kind === 4) {
      const guess = left + up - corner, [a, b, c] = [left, up, corner].map((one) => Math.abs(guess - one));
      line[i] += a <= b && a <= c ? left : b <= c ? up : corner;
    }
  }
}

function spread(line, bits, n, put) {
  if (bits === 8) for (let i = 0; i < n; i++) put(i, line[i]);
  else if (bits === 16) for (let i = 0; i < n; i++) put(i, line[2 * i] * 256 + line[2 * i + 1]);
  else for (let i = 0, per = 8 / bits; i < n; i++) put(i, (line[Math.floor(i / per)] >> (8 - bits - (i % per) * bits)) & ((1 << bits) - 1));
}

function levelled(samples, w, h, bits, kind, chunks, deepWhite) {
  const n = w * h, hidden = chunks.tRNS, byte = bits === 16 ? (one) => one >> 8 : (one) => one;
  if (kind === 3) {
    const data = new Uint8Array(3 * n), alpha = hidden ? new Uint8Array(n) : null;
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < 3; k++) data[3 * i + k] = chunks.PLTE[3 * samples[i] + k] ?? 0;
      if (alpha) alpha[i] = hidden[samples[i]] ?? 255;
    }
    return { data, w, h, c: 3, alpha };
  }
  if (kind === 0) {
    const white = deepWhite ?? 65535, share = f32(255 / white);
    const level = bits === 16 ? (one) => rint(f32(Math.min(one, white) * share)) : (one) => one * (255 / ((1 << bits) - 1));
    const key = hidden && bits < 16 ? hidden[0] * 256 + hidden[1] : -1;
    const alpha = key < 0 ? null : Uint8Array.from(samples, (one) => (one === key ? 0 : 255));
    return { data: Uint8Array.from(samples, level), w, h, c: 1, alpha };
  }
  const c = kind === 4 ? 1 : 3, all = PNG_CHANNELS[kind], data = new Uint8Array(c * n);
  for (let i = 0; i < n; i++) for (let k = 0; k < c; k++) data[c * i + k] = byte(samples[all * i + k]);
  let alpha = null;
  if (all !== c) alpha = Uint8Array.from({ length: n }, (_, i) => byte(samples[all * i + c]));
  else if (hidden) {
    const key = [0, 1, 2].map((k) => byte(hidden[2 * k] * 256 + hidden[2 * k + 1]));
    alpha = Uint8Array.from({ length: n }, (_, i) => (key.every((one, k) => one === data[3 * i + k]) ? 0 : 255));
  }
  return { data, w, h, c, alpha };
}
