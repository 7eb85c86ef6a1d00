// What is seen: pictures chosen, dropped, pasted or drawn, and the answers under them.

const MOST_CARDS = 60, THUMBNAIL = 220, PAD = 280;
let words = {};

const said = (key, values = {}) => (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
const percent = (share) => new Intl.NumberFormat(document.documentElement.lang, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(share);

function make(tag, className, text) {
  const one = document.createElement(tag);
  if (className) one.className = className;
  if (text !== undefined) one.textContent = text;
  return one;
}

function speak(language) {
  words = facts.words[language];
  document.documentElement.lang = language;
  document.title = facts.title;
  for (const one of document.querySelectorAll("[data-say]")) one.textContent = said(one.dataset.say, facts.values);
  for (const one of document.querySelectorAll("[data-speak]")) one.setAttribute("aria-pressed", String(one.dataset.speak === language));
  for (const one of document.querySelectorAll("[data-share]")) one.textContent = said("promise", { error: percent(one.dataset.share), answered: percent(one.dataset.answered) });
  for (const card of document.querySelectorAll(".card")) card.show?.();
}

// The prepared picture as the network sees it, one square a pixel.
function seen({ data, w, h, c }) {
  const canvas = make("canvas", "seen"), image = new ImageData(w, h), full = facts.prepare.full_scale;
  for (let i = 0; i < w * h; i++) {
    for (let k = 0; k < 3; k++) image.data[4 * i + k] = (data[i * c + (c === 3 ? k : 0)] * 255) / full;
    image.data[4 * i + 3] = 255;
  }
  [canvas.width, canvas.height] = [w, h];
  canvas.getContext("2d").putImageData(image, 0, 0);
  canvas.classList.toggle("coarse", Math.max(w, h) < 100);
  return canvas;
}

async function thumbnail(content) {
  const canvas = make("canvas", "given");
  try {
    const bitmap = await createImageBitmap(content), scale = Math.min(1, THUMBNAIL / Math.max(bitmap.width, bitmap.height));
    [canvas.width, canvas.height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale)));
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
  } catch {
    return null; // the answer says why
  }
  return canvas;
}

function verdict(answer) {
  if (facts.columns) return [answer.text || "∅", ""];
  const least = Number(byId("promise")?.value || 0);
  if (answer.strangeness !== null && answer.strangeness > 1) return ["?", said("stranger", { label: answer.label })];
  if (answer.probability < f32(least)) return ["?", said("unsure", { label: answer.label })];
  return [answer.label, ""];
}

function bars(answer) {
  const list = make("ol", "bars");
  for (const [label, share] of answer.top) {
    const row = make("li"), bar = make("span", "bar");
    bar.style.inlineSize = `${100 * share}%`;
    row.append(make("span", "name", label), make("span", "share", percent(share)), bar);
    list.append(row);
  }
  return list;
}

function fill(card, name, picture, answer, error) {
  card.replaceChildren();
  const views = make("div", "views"), text = make("div", "text");
  if (picture) views.append(picture);
  if (answer) views.append(seen(answer.prepared));
  if (error) text.append(make("p", "error", said(`error.${error}`, { name })));
  else {
    const [label, why] = verdict(answer);
    text.append(make("p", "label", label));
    if (why) text.append(make("p", "why", why));
    text.append(bars(answer));
  }
  if (name) text.append(make("p", "file", name));
  card.append(views, text);
}

async function show(content, name) {
  const card = make("article", "card");
  byId("answers").prepend(card);
  while (byId("answers").children.length > MOST_CARDS) byId("answers").lastElementChild.remove();
  card.append(make("p", "file", said("working", { name })));
  let answer = null, error = null;
  try {
    answer = await predict(content);
  } catch (problem) {
    error = problem instanceof Refusal ? problem.message : "damaged";
    if (!(problem instanceof Refusal)) console.error(problem);
  }
  const picture = await thumbnail(content);
  card.show = () => fill(card, name, picture, answer, error);
  card.show();
  byId("status").textContent = error ? said(`error.${error}`, { name }) : `${name} ${verdict(answer).join(" ")}`;
}

async function showAll(files) {
  for (const file of files) await show(file, file.name ?? "");
}

function takePictures() {
  const zone = byId("zone"), chosen = byId("chosen");
  chosen.addEventListener("change", () => showAll([...chosen.files]).then(() => { chosen.value = ""; }));
  for (const kind of ["dragover", "dragleave", "drop"]) document.addEventListener(kind, (event) => {
    event.preventDefault();
    zone.classList.toggle("over", kind === "dragover");
    if (kind === "drop") showAll([...event.dataTransfer.files]);
  });
  document.addEventListener("paste", (event) => showAll([...event.clipboardData.files]));
  byId("promise")?.addEventListener("change", () => document.querySelectorAll(".card").forEach((card) => card.show?.()));
  byId("clear").addEventListener("click", () => byId("answers").replaceChildren());
}

// A sheet to draw on with a mouse, a pen or a finger.
function takeDrawings() {
  const pad = byId("pad");
  if (!pad) return;
  const pen = pad.getContext("2d"), wipe = () => { pen.fillStyle = "white"; pen.fillRect(0, 0, PAD, PAD); };
  let isDown = false;
  const place = (event) => [(event.offsetX * PAD) / pad.clientWidth, (event.offsetY * PAD) / pad.clientHeight];
  Object.assign(pen, { lineWidth: 20, lineCap: "round", lineJoin: "round", strokeStyle: "black" });
  wipe();
  pad.addEventListener("pointerdown", (event) => {
    isDown = true;
    pad.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...place(event));
    pen.lineTo(...place(event));
    pen.stroke();
  });
  pad.addEventListener("pointermove", (event) => { if (isDown) { pen.lineTo(...place(event)); pen.stroke(); } });
  pad.addEventListener("pointerup", () => { isDown = false; });
  byId("wipe").addEventListener("click", wipe);
  byId("name").addEventListener("click", () => pad.toBlob((content) => show(content, said("drawing"))));
}

function begin() {
  for (const one of document.querySelectorAll("[data-speak]")) one.addEventListener("click", () => speak(one.dataset.speak));
  speak((navigator.language ?? "en").toLowerCase().startsWith("fr") ? "fr" : "en");
  takePictures();
  takeDrawings();
  session.then(
    () => { document.body.classList.add("ready"); byId("state").textContent = ""; },
    (error) => { byId("state").textContent = `${said("broken")} ${error.message ?? error}`; },
  );
}

begin();
