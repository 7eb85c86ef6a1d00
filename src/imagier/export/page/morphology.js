// Shapes in a picture, as `imagier.images.morphology` finds them.

const LEAST_SHARE = 0.04, REACH = 0.35;

// The extreme of every window of 2 `radius` + 1 in a line: of 1, 2, 4... pixels, then the rest.
function slide(line, n, radius, choose) {
  const window = 2 * radius + 1, found = new Float64Array(n + 2 * radius);
  for (let i = 0; i < found.length; i++) found[i] = line(clamp(i - radius, 0, n - 1));
  for (let length = 1, size = found.length; length < window; ) {
    const step = Math.min(length, window - length);
    size -= step;
    length += step;
    for (let i = 0; i < size; i++) found[i] = choose(found[i], found[i + step]);
  }
  return found;
}

function extreme({ data, w, h }, radius, choose) {
  const tall = new data.constructor(w * h), out = new data.constructor(w * h);
  for (let x = 0; x < w; x++) {
    const line = slide((y) => data[y * w + x], h, radius, choose);
    for (let y = 0; y < h; y++) tall[y * w + x] = line[y];
  }
  for (let y = 0; y < h; y++) {
    const line = slide((x) => tall[y * w + x], w, radius, choose);
    for (let x = 0; x < w; x++) out[y * w + x] = line[x];
  }
  return table(out, w, h);
}

const largestNear = (image, radius) => extreme(image, radius, Math.max);
const smallestNear = (image, radius) => extreme(image, radius, Math.min);

// A line that goes on beyond its ends as it does before them, turned about each end.
function oddly(length, value) {
  const last = length - 1;
  if (last === 0) return () => value(0);
  const rise = f32(2 * f32(value(last) - value(0)));
  return (k) => {
    const round = Math.floor(k / (2 * last)), rest = k - 2 * last * round;
    const base = rest <= last ? value(rest) : f32(2 * value(last) - value(2 * last - rest));
    return f32(base + round * rise);
  };
}

function padOddly({ data, w, h }, n) {
  const tall = new Float32Array(w * (h + 2 * n)), nh = h + 2 * n, nw = w + 2 * n;
  for (let x = 0; x < w; x++) {
    const at = oddly(h, (y) => data[y * w + x]);
    for (let y = 0; y < nh; y++) tall[y * w + x] = at(y - n);
  }
  const out = new Float32Array(nw * nh);
  for (let y = 0; y < nh; y++) {
    const at = oddly(w, (x) => tall[y * w + x]);
    for (let x = 0; x < nw; x++) out[y * nw + x] = at(x - n);
  }
  return table(out, nw, nh);
}

function cut({ data, w, c }, top, left, nh, nw) {
  const out = new data.constructor(nw * nh * c);
  for (let y = 0; y < nh; y++) for (let i = 0; i < nw * c; i++) out[y * nw * c + i] = data[((top + y) * w + left) * c + i];
  return table(out, nw, nh, c);
}

// What is darker than its surroundings and narrower than the window is filled.
function closing(image, radius) {
  const around = padOddly(image, 2 * radius);
  const filled = smallestNear(largestNear(around, radius), radius);
  return cut(filled, 2 * radius, 2 * radius, image.h, image.w);
}

// Numbers the pieces of a mask in the order of their first pixels; corners hang together.
function labelBlobs({ data, w, h }) {
  const labels = new Int32Array(w * h);
  let count = 0;
  for (let start = 0; start < w * h; start++) {
    if (!data[start] || labels[start]) continue;
    labels[start] = ++count;
    for (const ways = [start]; ways.length; ) {
      const at = ways.pop(), x = at % w, y = (at - x) / w;
      for (let i = Math.max(0, y - 1); i <= Math.min(h - 1, y + 1); i++)
        for (let j = Math.max(0, x - 1); j <= Math.min(w - 1, x + 1); j++)
          if (data[i * w + j] && !labels[i * w + j]) { labels[i * w + j] = count; ways.push(i * w + j); }
    }
  }
  return { labels, count };
}

// Keeps the main piece of ink and what belongs to it: the dot of an i, the bar of a 5.
function signOf(mask, mass) {
  const { w, h } = mask, { labels, count } = labelBlobs(mask);
  if (!count) return mask;
  const weights = new Float64Array(count);
  const boxes = Array.from({ length: count }, () => [Infinity, Infinity, 0, 0]);
  labels.forEach((label, at) => {
    if (!label) return;
    const x = at % w, y = (at - x) / w, box = boxes[label - 1];
    weights[label - 1] += mass[at];
    box[0] = Math.min(box[0], y); box[1] = Math.min(box[1], x);
    box[2] = Math.max(box[2], y + 1); box[3] = Math.max(box[3], x + 1);
  });
  const trusted = boxes.map(([top, left, bottom, right], i) => weights[i] * (top <= 0 || left <= 0 || bottom >= h || right >= w ? 0.2 : 1));
  const main = trusted.indexOf(maximum(trusted)), kept = gathered(main, boxes, weights);
  return table(Uint8Array.from(labels, (label) => (label && kept[label - 1] ? 1 : 0)), w, h);
}

function gathered(main, boxes, weights) {
  let kept = boxes.map((_, i) => i === main);
  for (;;) {
    const near = boxes.filter((_, i) => kept[i]);
    const top = [0, 1].map((k) => Math.min(...near.map((box) => box[k])));
    const end = [2, 3].map((k) => Math.max(...near.map((box) => box[k])));
    const reach = REACH * Math.max(end[0] - top[0], end[1] - top[1]);
    const more = boxes.map((box, i) => {
      const gap = Math.max(box[0] - end[0], top[0] - box[2], box[1] - end[1], top[1] - box[3]);
      return kept[i] || (weights[i] >= LEAST_SHARE * weights[main] && gap <= reach);
    });
    if (more.every((one, i) => one === kept[i])) return kept;
    kept = more;
  }
}
