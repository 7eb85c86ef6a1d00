// A large JPEG at a half, a quarter or an eighth of its size, as libjpeg decodes it, to the bit: the
// inverse transforms of 8, 4, 2 and 1 points in whole numbers, then the colours.

const rounding = (value, bits) => (value + (1 << (bits - 1))) >> bits;

// Each transform takes eight numbers, `step` apart, and puts as many as it is called after.
const TRANSFORMS = {
  1: (from, at, step, put) => put(0, from[at]),
  2: (from, at, step, put, bits) => {
    const even = from[at] << 15;
    const odd = from[at + 7 * step] * -5906 + from[at + 5 * step] * 6967 + from[at + 3 * step] * -10426 + from[at + step] * 29692;
    put(0, rounding(even + odd, bits + 2));
    put(1, rounding(even - odd, bits + 2));
  },
  4: (from, at, step, put, bits) => {
    const [z7, z5, z3, z1] = [from[at + 7 * step], from[at + 5 * step], from[at + 3 * step], from[at + step]];
    const even = from[at] << 14, turn = from[at + 2 * step] * 15137 + from[at + 6 * step] * -6270;
    const inner = z7 * -1730 + z5 * 11893 + z3 * -17799 + z1 * 8697, outer = z7 * -4176 + z5 * -4926 + z3 * 7373 + z1 * 20995;
    put(0, rounding(even + turn + outer, bits + 1));
    put(3, rounding(even + turn - outer, bits + 1));
    put(1, rounding(even - turn + inner, bits + 1));
    put(2, rounding(even - turn - inner, bits + 1));
  },
  8: (from, at, step, put, bits) => {
    const [a0, a1, a2, a3, a4, a5, a6, a7] = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => from[at + i * step]);
    const turn = (a2 + a6) * 4433, e2 = turn + a6 * -15137, e3 = turn + a2 * 6270;
    const e0 = (a0 + a4) << 13, e1 = (a0 - a4) << 13, all = (a7 + a3 + a5 + a1) * 9633;
    const z1 = (a7 + a1) * -7373, z2 = (a5 + a3) * -20995, z3 = (a7 + a3) * -16069 + all, z4 = (a5 + a1) * -3196 + all;
    const odd = [a1 * 12299 + z1 + z4, a3 * 25172 + z2 + z3, a5 * 16819 + z2 + z4, a7 * 2446 + z1 + z3];
    [e0 + e3, e1 + e2, e1 - e2, e0 - e3].forEach((even, i) => {
      put(i, rounding(even + odd[i], bits));
      put(7 - i, rounding(even - odd[i], bits));
    });
  },
};

// Gives { data, w, h, c }, or null for samplings that are left to the browser.
function smallJpeg(bytes, factor) {
  const jpeg = readJpeg(bytes);
  if (!jpeg) return null;
  const { components, across, down } = jpeg, least = 8 / factor, [first, ...others] = components;
  const isUsual = first.across === across && first.down === down && others.every((one) => one.across === 1 && one.down === 1);
  if (!isUsual || !["1 1", "2 1", "2 2"].includes(`${across} ${down}`)) return null;
  const w = Math.ceil(jpeg.w / factor), h = Math.ceil(jpeg.h / factor);
  const planes = components.map((one) => planeOf(one, pointsOf(one, jpeg, least)));
  if (components.length === 1) return cut(planes[0], 0, 0, h, w);
  const wide = planes.map((plane, i) => (i && across === 2 && down === 1 ? doubled(plane, Math.ceil(w / 2), least > 1) : plane));
  return coloured(wide, w, h, jpeg.isRgb);
}

// How many points the transform of a component has: colours that were taken coarser become finer.
function pointsOf(one, { across, down }, least) {
  let points = least;
  while (points < 8 && (across * least) % (one.across * points * 2) === 0 && (down * least) % (one.down * points * 2) === 0) points *= 2;
  return points;
}

function planeOf({ values, quant, place, columns, rows }, points) {
  const transform = TRANSFORMS[points], table64 = quant[place], out = new Uint8Array(columns * rows * points * points), width = columns * points;
  const block = new Int32Array(64), between = new Int32Array(64);
  check(table64, "damaged");
  for (let y = 0; y < rows; y++) for (let x = 0; x < columns; x++) {
    const start = 64 * (y * columns + x);
    for (let i = 0; i < 64; i++) block[i] = values[start + i] * table64[i];
    const put = (row, column, value) => { out[(y * points + row) * width + x * points + column] = clamp(value + 128, 0, 255); };
    if (points === 1) put(0, 0, rounding(block[0], 3));
    else {
      for (let i = 0; i < 8; i++) transform(block, i, 8, (k, value) => { between[8 * k + i] = value; }, 11);
      for (let k = 0; k < points; k++) transform(between, 8 * k, 1, (i, value) => put(k, i, value), 18);
    }
  }
  return table(out, width, rows * points);
}

// Twice as wide: three parts of the nearest, one of the next, in the smallest size each twice.
function doubled({ data, w, h }, n, isSmooth) {
  const out = new Uint8Array(2 * n * h);
  for (let y = 0; y < h; y++) for (let x = 0; x < n; x++) {
    const at = y * w + x, to = 2 * (y * n + x), own = data[at];
    out[to] = isSmooth && n > 2 && x > 0 ? (3 * own + data[at - 1] + 1) >> 2 : own;
    out[to + 1] = isSmooth && n > 2 && x < n - 1 ? (3 * own + data[at + 1] + 2) >> 2 : own;
  }
  return table(out, 2 * n, h);
}

function coloured(planes, w, h, isRgb) {
  const data = new Uint8Array(3 * w * h);
  for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) {
    const [first, second, third] = planes.map((plane) => plane.data[y * plane.w + x]), to = 3 * (y * w + x);
    if (isRgb) data.set([first, second, third], to);
    else {
      const blue = second - 128, red = third - 128;
      data[to] = clamp(first + ((91881 * red + 32768) >> 16), 0, 255);
      data[to + 1] = clamp(first + ((-22554 * blue - 46802 * red + 32768) >> 16), 0, 255);
      data[to + 2] = clamp(first + ((116130 * blue + 32768) >> 16), 0, 255);
    }
  }
  return table(data, w, h, 3);
}
