// From levels of any size to the network's input, as `imagier.images.prepare` brings them there.

const BETWEEN = 1 / 3, LONGEST_LINE = 1.5, NARROWEST = 4;

function prepare(image, settings) {
  const { height, width, fit, ink, full_scale: full } = settings, plain = withChannels(image, settings.channels);
  if (fit === "line") return rescaled(fitLine(plain, height, width), full);
  if (plain.h === height && plain.w === width) {
    const ready = ink === null ? plain : whiteOnBlack(plain);
    if (ready) return rescaled(ready, full);
  }
  return rescaled(ink === null ? fitted(plain, settings) : drawInk(plain, height, width, ink), full);
}

function withChannels({ data, w, h, c }, channels) {
  if (c === channels) return table(data, w, h, c);
  const out = new Uint8Array(w * h * channels);
  for (let i = 0; i < w * h; i++) {
    if (channels === 3) out.fill(data[i], 3 * i, 3 * i + 3);
    else out[i] = (19595 * data[3 * i] + 38470 * data[3 * i + 1] + 7471 * data[3 * i + 2] + 32768) >> 16;
  }
  return table(out, w, h, channels);
}

const inverted = ({ data, w, h, c }) => table(data.map((one) => 255 - one), w, h, c);

function whiteOnBlack(grey) {
  if (isBlackBordered(grey)) return grey;
  return isWhiteBordered(grey) ? inverted(grey) : null;
}

function rescaled({ data, w, h, c }, full) {
  return full === 255 ? table(data, w, h, c) : table(data.map((one) => rint(one * (full / 255))), w, h, c);
}

const rounded = (side) => Math.max(1, Math.trunc(side + 0.5));

function fitted(image, { height, width, fit }) {
  const { w, h, c } = image, factors = [width / w, height / h], most = Math.max(...factors), least = Math.min(...factors);
  let [nw, nh] = [width, height], box = [0, 0, w, h];
  if (fit === "pad") [nw, nh] = [rounded(w * least), rounded(h * least)];
  else if (fit !== "stretch") {
    const part = fit === "crop-pad" ? BETWEEN : 0, factor = most ** (1 - part) * least ** part;
    [nw, nh] = [Math.min(width, rounded(w * factor)), Math.min(height, rounded(h * factor))];
    const left = Math.max(0, (w - width / factor) / 2), top = Math.max(0, (h - height / factor) / 2);
    box = [left, top, w - left, h - top];
  }
  const wide = resize(image, nw, h, "bilinear", [box[0], 0, box[2], h]);
  const small = resize(wide, nw, nh, "bilinear", [0, box[1], nw, box[3]]);
  if (nw === width && nh === height) return small;
  const colour = Array.from({ length: c }, (_, k) => Math.trunc(median(border(image, k))));
  const field = Uint8Array.from({ length: width * height * c }, (_, i) => colour[i % c]);
  const x = Math.floor((width - nw) / 2), y = Math.floor((height - nh) / 2);
  for (let row = 0; row < nh; row++) field.set(small.data.subarray(row * nw * c, (row + 1) * nw * c), ((y + row) * width + x) * c);
  return table(field, width, height, c);
}

// A line of characters: dark on light, its start on the left.
function fitLine(image, height, width) {
  const natural = Math.trunc((image.w * height) / image.h + 0.5);
  check(natural <= LONGEST_LINE * width, "line_long");
  check(natural >= NARROWEST, "line_narrow");
  let paper = Math.trunc(median(border(image))), line = image;
  if (2 * paper < quantile(image.data, 0.02) + quantile(image.data, 0.98)) [line, paper] = [inverted(image), 255 - paper];
  const size = Math.min(natural, width);
  if (size !== image.w || height !== image.h) line = resize(resize(line, size, line.h), size, height);
  const field = new Uint8Array(width * height).fill(paper);
  for (let y = 0; y < height; y++) field.set(line.data.subarray(y * size, (y + 1) * size), y * width);
  return table(field, width, height);
}
