// The page in a photo, as `imagier.images.document_crop` finds it: the light sheet on a table, and
// on it the ink told from the paper.

const COARSE = 120, MARGIN = 2, LIGHT_RING = 0.3, LIGHTER = 1.2, SOLID = 0.7, STROKE_WINDOW = 0.27;
const TINY = 60, CLOSE = 0.25, AGREED = 0.85, DIM = 10;

const floats = ({ data, w, h }) => table(Float32Array.from(data), w, h);
const longer = ({ w, h }) => Math.max(w, h);

// Divides values into two groups as far apart as can be (Otsu).
function dividingLevel(values) {
  let low = Infinity, high = -Infinity;
  for (const one of values) { low = Math.min(low, one); high = Math.max(high, one); }
  if (low === high) return low;
  const bins = 128, step = (high - low) / bins, counts = new Float64Array(bins);
  const edges = Array.from({ length: bins + 1 }, (_, i) => (i === bins ? high : i * step + low));
  for (const one of values) {
    let place = Math.min(bins - 1, Math.trunc(((one - low) / (high - low)) * bins));
    if (one < edges[place]) place--;
    else if (place < bins - 1 && one >= edges[place + 1]) place++;
    counts[place]++;
  }
  const middles = counts.map((_, i) => (edges[i + 1] + edges[i]) / 2);
  const total = counts.reduce((sum, n, i) => sum + n * middles[i], 0);
  let below = 0, sum = 0, best = -1, found = 0;
  for (let i = 0; i < bins - 1; i++) {
    below += counts[i]; sum += counts[i] * middles[i];
    const above = values.length - below, apart = sum / below - (total - sum) / above;
    if (below * above * apart ** 2 > best) { best = below * above * apart ** 2; found = i; }
  }
  return edges[1 + found];
}

function spanOf(flags) {
  const first = flags.indexOf(true), last = flags.lastIndexOf(true);
  return { first, last, length: last - first + 1 };
}

const rowsOf = ({ data, w, h }) => Array.from({ length: h }, (_, y) => { for (let x = 0; x < w; x++) if (data[y * w + x]) return true; return false; });
const columnsOf = (mask) => rowsOf(transposed(mask));
const some = ({ data }) => data.some((one) => one);
const negated = ({ data, w, h }) => table(Uint8Array.from(data, (one) => (one ? 0 : 1)), w, h);
const shrunk = (mask) => negated(largestNear(negated(mask), MARGIN));

// Fills holes and bays: what has the piece on both sides, along its row or its column.
function filled(piece) {
  const across = (mask) => {
    const out = new Uint8Array(mask.data.length);
    for (let y = 0; y < mask.h; y++) {
      const row = Array.from(mask.data.subarray(y * mask.w, (y + 1) * mask.w), Boolean), span = spanOf(row);
      if (span.first >= 0) out.fill(1, y * mask.w + span.first, y * mask.w + span.last + 1);
    }
    return table(out, mask.w, mask.h);
  };
  const rows = across(piece), columns = transposed(across(transposed(piece)));
  return table(rows.data.map((one, i) => one | columns.data[i]), piece.w, piece.h);
}

function sheetOnly(grey) {
  const factor = Math.max(1, Math.floor(longer(grey) / COARSE)), coarse = floats(reduce(grey, factor));
  const level = Math.expm1(dividingLevel(coarse.data.map(Math.log1p)));
  const light = table(Uint8Array.from(coarse.data, (one) => (one > level ? 1 : 0)), coarse.w, coarse.h);
  const ring = border(light);
  if (ring.reduce((sum, one) => sum + one, 0) / ring.length > LIGHT_RING || !some(light)) return null;
  const sheet = largestPiece(light);
  if (!isSheet(sheet, coarse)) return null;
  const inside = shrunk(filled(sheet));
  return some(inside) ? continued(grey, inside, factor) : null;
}

function largestPiece(mask) {
  const { labels, count } = labelBlobs(mask), sizes = new Float64Array(count + 1);
  labels.forEach((label) => { if (label) sizes[label]++; });
  const main = sizes.indexOf(maximum(sizes));
  return table(Uint8Array.from(labels, (label) => (label === main ? 1 : 0)), mask.w, mask.h);
}

function isSheet(piece, coarse) {
  const height = spanOf(rowsOf(piece)).length, width = spanOf(columnsOf(piece)).length;
  const size = piece.data.reduce((sum, one) => sum + one, 0), all = filled(piece), inner = shrunk(all), outer = largestNear(all, MARGIN);
  const rim = coarse.data.filter((_, i) => all.data[i] && !inner.data[i]);
  const around = coarse.data.filter((_, i) => outer.data[i] && !all.data[i]);
  if (!(height >= 0.35 * piece.h && width >= 0.35 * piece.w && size >= SOLID * height * width && around.length)) return false;
  return median(rim) >= LIGHTER * median(around);
}

function continued(grey, inside, factor) {
  const rows = spanOf(rowsOf(inside)), columns = spanOf(columnsOf(inside));
  const top = rows.first * factor, height = Math.min(grey.h, (rows.last + 1) * factor) - top;
  const left = columns.first * factor, width = columns.length * factor;
  const out = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = rows.first + Math.floor(y / factor);
    const flags = Array.from(inside.data.subarray(row * inside.w, (row + 1) * inside.w), Boolean);
    const span = spanOf(flags), first = Math.max(0, span.first) * factor;
    const last = ((span.last < 0 ? inside.w - 1 : span.last) + 1) * factor - 1;
    for (let x = 0; x < width; x++)
      out[y * width + x] = grey.data[(top + y) * grey.w + Math.min(clamp(left + x, first, last), grey.w - 1)];
  }
  return table(out, width, height);
}

// Which share of the page's light the ink takes.
function inkShare(grey) {
  const levels = floats(boxBlur(grey, longer(grey) / 1000));
  const coarse = reduce(grey, Math.max(1, Math.floor(longer(grey) / COARSE))), { isDark, page } = pageOf(coarse);
  const wide = resize(page, grey.w, grey.h);
  const share = levels.data.map((level, i) => {
    const ratio = f32(f32(level + DIM) / f32(wide.data[i] + DIM));
    return Math.max(isDark ? f32(1 - ratio) : f32(1 - f32(1 / ratio)), 0);
  });
  return table(share, grey.w, grey.h);
}

function pageOf(coarse) {
  const levels = floats(coarse), negative = table(levels.data.map((one) => -one), levels.w, levels.h);
  let radius = Math.max(2, rint((STROKE_WINDOW * longer(levels)) / 2)), isDark = byBorder(levels, radius);
  if (isDark === null) isDark = bySurroundings(coarse);
  else radius *= 2;
  const page = smallestNear(closing(isDark ? levels : negative, radius), 1);
  return { isDark, page: table(page.data.map(Math.abs), page.w, page.h) };
}

function byBorder(levels, radius) {
  const { w, h } = levels, minus = (one, other) => table(one.data.map((value, i) => value - other.data[i]), w, h);
  const sharp = minus(largestNear(levels, 1), smallestNear(levels, 1)), half = f32(maximum(sharp.data) / 2);
  const near = border(largestNear(sharp, radius)).map((one) => one > half);
  if (near.filter(Boolean).length / near.length < CLOSE) return null;
  const high = largestNear(levels, radius), low = smallestNear(levels, radius);
  const middle = table(high.data.map((value, i) => f32(f32(value + low.data[i]) / 2)), w, h);
  const lighter = border(minus(levels, middle)).filter((_, i) => near[i]).map((one) => one > 0);
  const part = lighter.filter(Boolean).length / lighter.length;
  return Math.max(part, 1 - part) > AGREED ? part > 0.5 : null;
}

function bySurroundings(coarse) {
  const tiny = reduce(coarse, Math.max(1, Math.floor(longer(coarse) / TINY)));
  const window = 2 * rint((STROKE_WINDOW * longer(tiny)) / 2) + 1;
  const around = resize(medianFilter(tiny, window), coarse.w, coarse.h);
  return coarse.data.reduce((sum, level, i) => sum + (level - around.data[i]) ** 3, 0) <= 0;
}
