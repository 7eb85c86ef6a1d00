// Numbers as NumPy computes them: floats of 32 bits, halves rounded to even, sums in its order.

const f32 = Math.fround;

// A table of levels: `data`, row after row, `c` channels a pixel.
const table = (data, w, h, c = 1) => ({ data, w, h, c });

function rint(value) {
  const floor = Math.floor(value), rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
}

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

const sorted = (values) => Float64Array.from(values).sort();

// The value below which a share of all lies, between two of them where need be.
function quantile(values, part) {
  const all = sorted(values), place = part * (all.length - 1), low = Math.floor(place);
  const high = Math.min(low + 1, all.length - 1);
  return all[low] + (all[high] - all[low]) * (place - low);
}

const median = (values) => quantile(values, 0.5);

// NumPy adds floats of 32 bits pairwise, in blocks of 128 with eight running sums.
function pairwise(data, from, n) {
  if (n < 8) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum = f32(sum + data[from + i]);
    return sum;
  }
  if (n <= 128) {
    const r = Array.from({ length: 8 }, (_, i) => data[from + i]);
    let i = 8;
    for (; i < n - (n % 8); i += 8) for (let k = 0; k < 8; k++) r[k] = f32(r[k] + data[from + i + k]);
    const left = f32(f32(r[0] + r[1]) + f32(r[2] + r[3])), right = f32(f32(r[4] + r[5]) + f32(r[6] + r[7]));
    let sum = f32(left + right);
    for (; i < n; i++) sum = f32(sum + data[from + i]);
    return sum;
  }
  let half = n >> 1;
  half -= half % 8;
  return f32(pairwise(data, from, half) + pairwise(data, from + half, n - half));
}

const sum32 = (data) => pairwise(data, 0, data.length);

const maximum = (data) => data.reduce((one, other) => (other > one ? other : one), -Infinity);

// The levels along the border: first and last row, then first and last column, corners twice.
function border(image, channel = 0) {
  const { data, w, h, c } = image, found = [];
  for (const y of [0, h - 1]) for (let x = 0; x < w; x++) found.push(data[(y * w + x) * c + channel]);
  for (const x of [0, w - 1]) for (let y = 0; y < h; y++) found.push(data[(y * w + x) * c + channel]);
  return found;
}
