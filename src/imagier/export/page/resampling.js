// Pillow's resampling, to the bit: filters as wide as the new pixels are large, the rows first,
// whole numbers of 22 bits in bytes, doubles in floats. Boxes reach Pillow as floats of 32 bits.

const ONE = 2 ** 22;
const FILTERS = {
  box: [0.5, (x) => (x > -0.5 && x <= 0.5 ? 1 : 0)],
  bilinear: [1, (x) => Math.max(0, 1 - Math.abs(x))],
  bicubic: [2, (x) => {
    const a = -0.5, d = Math.abs(x);
    if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
    return d < 2 ? (((d - 5) * d + 8) * d - 4) * a : 0;
  }],
};

// For each new pixel: the first old one that it takes from, and the weights from there on.
function weights(length, from, to, size, filter) {
  const [support, value] = FILTERS[filter];
  const scale = f32(to - from) / size, wide = Math.max(scale, 1), reach = support * wide;
  return Array.from({ length: size }, (_, i) => {
    const centre = from + (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - reach + 0.5));
    const last = Math.min(length, Math.trunc(centre + reach + 0.5));
    const row = new Float64Array(Math.max(0, last - first));
    let sum = 0;
    for (let x = 0; x < row.length; x++) sum += row[x] = value((x + first - centre + 0.5) * (1 / wide));
    for (let x = 0; x < row.length; x++) if (sum !== 0) row[x] /= sum;
    return { first, row };
  });
}

const whole = (taken) => taken.map(({ first, row }) => ({ first, row: row.map((one) => Math.trunc(one * ONE + (one < 0 ? -0.5 : 0.5))) }));

function along(image, taken, isAcross) {
  const { data, w, h, c } = image, isBytes = !(data instanceof Float32Array);
  const nw = isAcross ? taken.length : w, nh = isAcross ? h : taken.length;
  const out = new data.constructor(nw * nh * c), rows = isBytes ? whole(taken) : taken;
  const step = isAcross ? c : w * c;
  for (let y = 0; y < nh; y++) for (let x = 0; x < nw; x++) {
    const { first, row } = rows[isAcross ? x : y];
    const start = isAcross ? (y * w + first) * c : (first * w + x) * c;
    for (let k = 0; k < c; k++) {
      let sum = isBytes ? ONE / 2 : 0;
      for (let i = 0, at = start + k; i < row.length; i++, at += step) sum += data[at] * row[i];
      out[(y * nw + x) * c + k] = isBytes ? clamp(Math.floor(sum / ONE), 0, 255) : sum;
    }
  }
  return table(out, nw, nh, c);
}

function resize(image, nw, nh, filter = "bilinear", box = null) {
  const [left, top, right, bottom] = (box ?? [0, 0, image.w, image.h]).map(f32);
  if (nw !== image.w || left !== 0 || right !== image.w) image = along(image, weights(image.w, left, right, nw, filter), true);
  if (nh !== image.h || top !== 0 || bottom !== image.h) image = along(image, weights(image.h, top, bottom, nh, filter), false);
  return image;
}

// The mean of cells of `factor` pixels to a side, as Pillow's `reduce` rounds it.
function reduce(image, factor) {
  if (factor === 1) return image;
  const { data, w, h } = image, nw = Math.ceil(w / factor), nh = Math.ceil(h / factor);
  const out = new Uint8Array(nw * nh);
  for (let y = 0; y < nh; y++) for (let x = 0; x < nw; x++) {
    const bottom = Math.min(h, (y + 1) * factor), right = Math.min(w, (x + 1) * factor);
    const n = (bottom - y * factor) * (right - x * factor);
    let sum = Math.floor(n / 2);
    for (let i = y * factor; i < bottom; i++) for (let j = x * factor; j < right; j++) sum += data[i * w + j];
    out[y * nw + x] = Math.floor((sum * Math.floor(2 ** 24 / n)) / 2 ** 24);
  }
  return table(out, nw, nh);
}

// Pillow's BoxBlur of a radius that may be a fraction, the border's levels going on outside.
function boxBlur(image, radius) {
  const r = f32(radius), inner = Math.trunc(r);
  if (r === 0) return image;
  const near = Math.trunc(f32(2 ** 24 / f32(f32(r * 2) + 1)));
  const far = Math.floor((2 ** 24 - (inner * 2 + 1) * near) / 2);
  const blurred = ({ data, w, h }) => {
    const out = new Uint8Array(w * h);
    for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) {
      const at = (i) => data[y * w + clamp(i, 0, w - 1)];
      let sum = 0;
      for (let i = x - inner; i <= x + inner; i++) sum += at(i);
      sum = sum * near + (at(x - inner - 1) + at(x + inner + 1)) * far;
      out[y * w + x] = Math.floor((sum + 2 ** 23) / 2 ** 24);
    }
    return table(out, w, h);
  };
  return transposed(blurred(transposed(blurred(image))));
}

function transposed({ data, w, h, c }) {
  const out = new data.constructor(data.length);
  for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) for (let k = 0; k < c; k++)
    out[(x * h + y) * c + k] = data[(y * w + x) * c + k];
  return table(out, h, w, c);
}

function medianFilter({ data, w, h }, window) {
  const out = new Uint8Array(w * h), half = window >> 1, rank = (window * window) >> 1;
  for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) {
    const counts = new Uint32Array(256);
    for (let i = y - half; i <= y + half; i++) for (let j = x - half; j <= x + half; j++)
      counts[data[clamp(i, 0, h - 1) * w + clamp(j, 0, w - 1)]]++;
    let level = 0;
    for (let seen = counts[0]; seen <= rank; seen += counts[++level]);
    out[y * w + x] = level;
  }
  return table(out, w, h);
}
