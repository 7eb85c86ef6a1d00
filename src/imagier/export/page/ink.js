// A sign drawn by hand, brought to the form of the learning pictures, as `imagier.images.ink` does.

const LARGEST = 800, SMALLEST = 200, LARGEST_PAGE = 2 ** 22, CELL = 4, FINE = 160, FAINTEST = 0.08, FEWEST = 12;

const frame = ({ data, w, h }) => border(table(data, w, h)).filter((_, i) => i < 2 * w || ((i - 2 * w) % h !== 0 && (i - 2 * w) % h !== h - 1));
const isBlackBordered = (grey) => { const all = frame(grey); return 2 * all.filter((one) => one > 10).length < all.length; };
const isWhiteBordered = (grey) => { const all = frame(grey); return 2 * all.filter((one) => one < 245).length < all.length; };

function drawInk(grey, height, width, ink) {
  const page = isBlackBordered(grey) || isWhiteBordered(grey) ? Math.trunc(median(frame(grey))) : null;
  const picture = atWorkSize(grey), isCutOut = page !== null && longer(grey) < SMALLEST;
  const sheet = isCutOut ? null : sheetOnly(picture);
  let sign = sheet && findSign(inkShare(sheet));
  sign ??= findSign(page === null ? inkShare(picture) : shareOn(picture, page));
  if (!sign) return table(new Uint8Array(width * height), width, height);
  const field = lay(thickEnough(atFineSize(sign), ink.stroke), height, width, ink), most = maximum(field.data);
  return table(Uint8Array.from(field.data, (one) => rint(f32(Math.min(f32(one / most), 1) * 255))), width, height);
}

function atWorkSize(grey) {
  const side = longer(grey), factor = Math.ceil(SMALLEST / side);
  if (side > LARGEST) return reduce(grey, Math.ceil(side / LARGEST));
  return side < SMALLEST ? resize(grey, grey.w * factor, grey.h * factor, "bicubic") : grey;
}

function shareOn({ data, w, h }, page) {
  const furthest = page > 127 ? page : page - 255;
  return table(Float32Array.from(data, (level) => Math.max((page - level) / furthest, 0)), w, h);
}

function findSign(share) {
  const cells = darkestOfCells(share), low = smallestNear(cells, 2);
  const sharp = largestNear(cells, 2).data.map((one, i) => one - low.data[i]);
  const level = inkLevel(share, cells, sharp);
  if (level === null) return null;
  const half = f32(level / 2);
  const inked = table(Uint8Array.from(cells.data, (one) => (one > half ? 1 : 0)), cells.w, cells.h);
  const kept = largestNear(signOf(inked, sharp.map((one, i) => (inked.data[i] ? one : 0))), 1);
  const solid = share.data.map((one, at) => {
    const x = at % share.w, y = (at - x) / share.w;
    return kept.data[Math.floor(y / CELL) * kept.w + Math.floor(x / CELL)] ? clamp(f32(f32(one / half) - 0.5), 0, 1) : 0;
  });
  const mask = table(Uint8Array.from(solid, (one) => (one > 0.5 ? 1 : 0)), share.w, share.h);
  const rows = spanOf(rowsOf(mask)), columns = spanOf(columnsOf(mask));
  return rows.first < 0 ? null : cut(table(solid, share.w, share.h), rows.first, columns.first, rows.length, columns.length);
}

function darkestOfCells({ data, w, h }) {
  const nw = Math.ceil(w / CELL), nh = Math.ceil(h / CELL), out = new Float32Array(nw * nh);
  for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) {
    const at = Math.floor(y / CELL) * nw + Math.floor(x / CELL);
    out[at] = Math.max(out[at], data[y * w + x]);
  }
  return table(out, nw, nh);
}

function inkLevel(share, cells, sharp) {
  const some = [], steps = [];
  for (let y = 0; y < share.h; y += 3) for (let x = 0; x < share.w; x += 3) {
    some.push(share.data[y * share.w + x]);
    if (x + 2 < share.w) steps.push(Math.abs(f32(share.data[y * share.w + x + 2] - share.data[y * share.w + x])));
  }
  const noise = steps.length ? 1.05 * f32(median(steps)) : 0, faintest = Math.max(6 * noise, FAINTEST);
  const least = f32(f32(quantile(some, 0.25)) + faintest);
  const present = cells.data.filter((one, i) => one > least && sharp[i] > f32(faintest));
  return present.length < FEWEST ? null : Math.min(2 * dividingLevel(present), maximum(present));
}

function atFineSize(sign) {
  const scale = FINE / longer(sign), side = (one) => Math.max(1, rint(one * scale));
  const fine = resize(sign, side(sign.w), side(sign.h), scale < 1 ? "box" : "bicubic");
  return table(fine.data.map((one) => clamp(one, 0, 1)), fine.w, fine.h);
}

function padded({ data, w, h }, before, after = before) {
  const nw = w + before[1] + after[1], nh = h + before[0] + after[0], out = new Float32Array(nw * nh);
  for (let y = 0; y < h; y++) out.set(data.subarray(y * w, (y + 1) * w), (y + before[0]) * nw + before[1]);
  return table(out, nw, nh);
}

// Twice the area of the strokes over their outline.
function strokeWidth(sign) {
  const { data, w, h } = padded(sign, [1, 1]), edges = new Float32Array((w - 1) * (h - 1));
  for (let y = 0; y < h - 1; y++) for (let x = 0; x < w - 1; x++) {
    const at = y * w + x;
    edges[y * (w - 1) + x] = Math.hypot(f32(data[at + w] - data[at]), f32(data[at + 1] - data[at]));
  }
  return f32(f32(2 * sum32(sign.data)) / f32(Math.max(sum32(edges), 1e-6)));
}

function thickEnough(sign, stroke) {
  const steps = Math.max(0, rint((stroke * longer(sign) - strokeWidth(sign)) / 2));
  let thick = padded(sign, [steps, steps]);
  for (let step = 0; step < steps; step++) thick = thicker(thick, step % 3 !== 2);
  return thick;
}

function thicker(sign, roundCorners) {
  const { w, h } = sign, across = (from, at, x) => Math.max(x ? from[at - 1] : 0, x < w - 1 ? from[at + 1] : 0);
  const tall = sign.data.map((one, at) => Math.max(one, at >= w ? sign.data[at - w] : 0, at < w * (h - 1) ? sign.data[at + w] : 0));
  const source = roundCorners ? sign.data : tall;
  return table(tall.map((one, at) => Math.max(one, across(source, at, at % w))), w, h);
}

// Averages the sign over the pixels of the field: one resampling for scale and place.
function lay(sign, height, width, ink) {
  const shape = [sign.h, sign.w], sides = [height, width];
  const scale = Math.max(longer(sign) / (ink.box * Math.max(height, width)), sign.h / height, sign.w / width);
  const field = [height * scale, width * scale], mass = ink.centre === "mass" ? centreOfMass(sign) : null;
  const start = shape.map((side, k) => {
    const at = mass ? mass[k] - (Math.floor(sides[k] / 2) + 0.5) * scale : (side - field[k]) / 2;
    return Math.min(0, Math.max(side - field[k], at));
  });
  const wide = Math.ceil(Math.max(...field)), isSmall = (sign.h + 2 * wide) * (sign.w + 2 * wide) <= LARGEST_PAGE;
  const before = isSmall ? [wide, wide] : start.map((one) => Math.ceil(Math.max(0, -one)));
  const after = isSmall ? [wide, wide] : start.map((one, k) => Math.ceil(Math.max(0, one + field[k] - shape[k])));
  const [top, left] = start.map((one, k) => one + before[k]);
  return resize(padded(sign, before, after), width, height, "box", [left, top, left + field[1], top + field[0]]);
}

function centreOfMass({ data, w, h }) {
  const rows = Array.from({ length: h }, (_, y) => pairwise(data, y * w, w)), columns = new Float32Array(w);
  for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) columns[x] += data[y * w + x];
  const weighed = (sums) => sums.reduce((sum, one, i) => sum + one * (i + 0.5), 0) / sum32(data);
  return [weighed(rows), weighed(columns)];
}
