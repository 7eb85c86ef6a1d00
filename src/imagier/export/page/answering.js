// The network and what it says.

const byId = (id) => document.getElementById(id);
const facts = JSON.parse(byId("facts").textContent);

async function unpacked(id) {
  const packed = Uint8Array.from(atob(byId(id).textContent.trim()), (letter) => letter.charCodeAt(0));
  byId(id).remove(); // its megabytes are not needed twice
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function opened() {
  const [engine, network] = await Promise.all([unpacked("engine"), unpacked("network")]);
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.proxy = false;
  ort.env.wasm.wasmBinary = engine.buffer;
  ort.env.logLevel = "error";
  return ort.InferenceSession.create(network, { executionProviders: ["wasm"] });
}

// What the network says to a prepared picture: { label, probabilities, strangeness, top }.
async function answered(session, prepared) {
  const { height, width, channels } = facts.prepare;
  const pixels = new ort.Tensor("uint8", prepared.data, [1, height, width, channels]);
  const found = await session.run({ pixels });
  const strangeness = found.strangeness ? found.strangeness.data[0] : null;
  const all = Array.from(found.probabilities.data);
  if (facts.columns) return { ...read(all), strangeness, prepared };
  const order = all.map((_, i) => i).sort((one, other) => all[other] - all[one] || one - other);
  const top = order.slice(0, facts.top).map((i) => [facts.classes[i], all[i]]);
  return { label: top[0][0], probability: top[0][1], probabilities: all, top, strangeness, prepared };
}

// The likeliest class of each column, repetitions dropped, then the blanks.
function read(all) {
  const k = facts.classes.length;
  let text = "", before = 0, probability = 1;
  for (let column = 0; column < facts.columns; column++) {
    const row = all.slice(column * k, (column + 1) * k), best = row.indexOf(Math.max(...row));
    if (best && best !== before) text += facts.classes[best];
    before = best;
    probability *= row[best];
  }
  return { label: text, text, probability: null, probabilities: all, top: [] };
}

async function predict(content) {
  const bytes = new Uint8Array(content instanceof Blob ? await content.arrayBuffer() : content);
  check(bytes.length > 0, "format");
  const prepared = prepare(await decode(bytes, facts.prepare), facts.prepare);
  check(facts.prepare.ink === null || facts.blank || prepared.data.some((one) => one), "blank");
  return answered(await session, prepared);
}

const session = opened();
globalThis.imagier = { facts, predict, prepare, session };
