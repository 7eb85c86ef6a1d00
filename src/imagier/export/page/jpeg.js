// The coefficients of a JPEG, baseline or progressive. A browser gives large photos whole, and what
// they become at a half, a quarter or an eighth of their size is told by their coefficients alone.

const ZIGZAG = [
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
  35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

// Gives { w, h, components, isRgb }, or null for a kind that is left to the browser.
function readJpeg(bytes) {
  const file = { quant: [], tables: {}, restart: 0, adobe: null, isJfif: false, frame: null };
  for (let at = 2; at < bytes.length; ) {
    if (bytes[at++] !== 0xff) continue;
    while (bytes[at] === 0xff) at++;
    const kind = bytes[at++];
    if (kind === 0xd9) break;
    if (kind < 0xc0 || (kind >= 0xd0 && kind <= 0xd8)) continue;
    const part = bytes.subarray(at + 2, at + bytes[at] * 256 + bytes[at + 1]);
    at += part.length + 2;
    if (kind === 0xdb) readQuant(part, file.quant);
    else if (kind === 0xc4) readHuffman(part, file.tables);
    else if (kind === 0xdd) file.restart = part[0] * 256 + part[1];
    else if (kind === 0xe0 && textAt(part, 0, 4) === "JFIF") file.isJfif = true;
    else if (kind === 0xee && textAt(part, 0, 5) === "Adobe") file.adobe = part[11];
    else if (kind >= 0xc0 && kind <= 0xc2) file.frame = readFrame(part, kind === 0xc2, file.quant);
    else if (kind > 0xc2 && kind < 0xd0 && kind !== 0xcc) return null;
    if (kind === 0xda && !file.frame) return null;
    if (kind === 0xda) at = readScan(bytes, at, part, file);
  }
  const ids = file.frame && String.fromCharCode(...file.frame.components.map((one) => one.id));
  return file.frame && { ...file.frame, isRgb: !file.isJfif && (file.adobe === null ? ids === "RGB" : file.adobe === 0) };
}

function readQuant(part, quant) {
  for (let at = 0; at < part.length; ) {
    const isWide = part[at] >> 4, values = new Int32Array(64), place = part[at++] & 15;
    for (let i = 0; i < 64; i++, at += isWide ? 2 : 1) values[ZIGZAG[i]] = isWide ? part[at] * 256 + part[at + 1] : part[at];
    quant[place] = values;
  }
}

// For each 16 bits that may come: how many of them are a code, and the byte it stands for.
function readHuffman(part, tables) {
  for (let at = 0; at < part.length; ) {
    const name = part[at++], counts = part.subarray(at, at + 16), table16 = new Uint16Array(65536);
    at += 16;
    for (let length = 1, code = 0; length <= 16; length++, code <<= 1)
      for (let i = 0; i < counts[length - 1]; i++, code++)
        table16.fill((length << 8) | part[at++], code << (16 - length), (code + 1) << (16 - length));
    tables[name] = table16;
  }
}

function readFrame(part, isProgressive, quant) {
  const h = part[1] * 256 + part[2], w = part[3] * 256 + part[4], n = part[5];
  if (part[0] !== 8 || (n !== 1 && n !== 3) || !w || !h) return null;
  const components = Array.from({ length: n }, (_, i) => {
    const [id, sides, place] = part.subarray(6 + 3 * i, 9 + 3 * i);
    return { id, across: sides >> 4, down: sides & 15, quant, place, before: 0 };
  });
  if (n === 1) Object.assign(components[0], { across: 1, down: 1 });
  const across = Math.max(...components.map((one) => one.across)), down = Math.max(...components.map((one) => one.down));
  const columns = Math.ceil(w / (8 * across)), rows = Math.ceil(h / (8 * down));
  check(w * h <= MOST_PIXELS, "pixels");
  for (const one of components) {
    one.columns = columns * one.across;
    one.rows = rows * one.down;
    one.shown = [Math.ceil(Math.ceil((w * one.across) / across) / 8), Math.ceil(Math.ceil((h * one.down) / down) / 8)];
    one.values = new Int16Array(64 * one.columns * one.rows);
  }
  return { w, h, across, down, columns, rows, components, isProgressive };
}

function bitReader(bytes, start) {
  let at = start, hold = 0, n = 0;
  const fill = () => {
    while (n <= 16) {
      let byte = bytes[at] ?? 0;
      if (byte !== 0xff) at++;
      else if (bytes[at + 1] === 0) at += 2;
      else byte = 0; // a marker: what lacks is zero
      hold = (hold << 8) | byte;
      n += 8;
    }
  };
  return {
    bits(count) {
      if (n < count) fill();
      n -= count;
      return (hold >>> n) & ((1 << count) - 1);
    },
    symbol(codes) {
      if (n < 16) fill();
      const found = codes[(hold >>> (n - 16)) & 0xffff];
      n -= found >> 8;
      return found & 255;
    },
    restart() {
      hold = n = 0;
      while (at < bytes.length && !(bytes[at] === 0xff && bytes[at + 1] >= 0xd0 && bytes[at + 1] <= 0xd7)) {
        if (bytes[at] === 0xff && bytes[at + 1] > 0) return;
        at++;
      }
      at += 2;
    },
    end: () => at,
  };
}

function readScan(bytes, start, part, { frame, tables, restart }) {
  const n = part[0], [first, last, depth] = part.subarray(1 + 2 * n, 4 + 2 * n), reader = bitReader(bytes, start);
  const chosen = Array.from({ length: n }, (_, i) => {
    const one = frame.components.find(({ id }) => id === part[1 + 2 * i]), place = part[2 + 2 * i];
    return Object.assign(one, { dc: tables[place >> 4], ac: tables[16 + (place & 15)], before: 0 });
  });
  const scan = { reader, first, last, low: depth & 15, run: 0 };
  const read = !frame.isProgressive ? readWhole : first === 0 ? (depth >> 4 ? refineDc : readDc) : depth >> 4 ? refineAc : readAc;
  const single = n === 1 ? chosen[0] : null, [columns, rows] = single ? single.shown : [frame.columns, frame.rows];
  for (let unit = 0; unit < columns * rows; unit++) {
    if (restart && unit && unit % restart === 0) {
      reader.restart();
      scan.run = 0;
      for (const one of chosen) one.before = 0;
    }
    const x = unit % columns, y = (unit - x) / columns;
    if (single) read(scan, single, 64 * (y * single.columns + x));
    else for (const one of chosen) for (let i = 0; i < one.down; i++) for (let j = 0; j < one.across; j++)
      read(scan, one, 64 * ((y * one.down + i) * one.columns + x * one.across + j));
  }
  return reader.end();
}

// A number of so many bits, the lower half of which is negative.
const signed = (reader, size) => {
  if (!size) return 0;
  const value = reader.bits(size);
  return value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
};

function readWhole({ reader }, one, at) {
  one.values[at] = one.before += signed(reader, reader.symbol(one.dc));
  for (let k = 1; k < 64; k++) {
    const found = reader.symbol(one.ac), size = found & 15;
    if (!size && found < 0xf0) return;
    k += found >> 4;
    if (size) one.values[at + ZIGZAG[k]] = signed(reader, size);
  }
}

function readDc({ reader, low }, one, at) {
  one.before += signed(reader, reader.symbol(one.dc));
  one.values[at] = one.before * (1 << low);
}

function refineDc({ reader, low }, one, at) {
  if (reader.bits(1)) one.values[at] |= 1 << low;
}

const runOf = (reader, power) => (1 << power) + (power ? reader.bits(power) : 0);

function readAc(scan, one, at) {
  const { reader, first, last, low } = scan;
  if (scan.run > 0) { scan.run--; return; }
  for (let k = first; k <= last; k++) {
    const found = reader.symbol(one.ac), size = found & 15;
    if (!size && found < 0xf0) { scan.run = runOf(reader, found >> 4) - 1; return; }
    k += found >> 4;
    if (size) one.values[at + ZIGZAG[k]] = signed(reader, size) * (1 << low);
  }
}

function refineAc(scan, one, at) {
  const { reader, first, last, low } = scan, { values } = one, bit = 1 << low;
  const refine = (place) => {
    if (reader.bits(1) && !(values[place] & bit)) values[place] += values[place] >= 0 ? bit : -bit;
  };
  let k = first;
  for (; k <= last && scan.run === 0; k++) {
    const found = reader.symbol(one.ac);
    let zeros = found >> 4, value = 0;
    if (found & 15) value = reader.bits(1) ? bit : -bit;
    else if (zeros < 15) { scan.run = runOf(reader, zeros); break; }
    for (; k <= last; k++) {
      const place = at + ZIGZAG[k];
      if (values[place]) refine(place);
      else if (--zeros < 0) break;
    }
    if (value && k <= last) values[at + ZIGZAG[k]] = value;
  }
  if (scan.run > 0) {
    for (; k <= last; k++) if (values[at + ZIGZAG[k]]) refine(at + ZIGZAG[k]);
    scan.run--;
  }
}
