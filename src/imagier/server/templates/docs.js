// The page tries a picture on the server it came from. Names are shown as text, never as HTML.
const form = document.getElementById("form");
const model = document.getElementById("model");
const said = document.getElementById("said");
const readers = new Set();

function headers() {
  const token = document.getElementById("token");
  return token ? { Authorization: `Bearer ${token.value}` } : {};
}

async function loadModels() {
  const answer = await fetch("models", { headers: headers() });
  if (!answer.ok) return;
  model.replaceChildren();
  for (const one of (await answer.json()).models) {
    const option = document.createElement("option");
    option.value = option.textContent = one.name;
    model.append(option);
    if (one.reads) readers.add(one.name);
  }
}

function showChoices(rows) {
  const table = document.getElementById("choices");
  table.hidden = !rows.length;
  table.tBodies[0].replaceChildren(...rows.map(([name, share]) => {
    const row = document.createElement("tr");
    const head = document.createElement("th");
    const bar = document.createElement("progress");
    const number = document.createElement("td");
    head.scope = "row";
    head.textContent = name;
    bar.max = 1;
    bar.value = share;
    number.append(bar, ` ${(share).toLocaleString(document.documentElement.lang, { style: "percent", maximumFractionDigits: 1 })}`);
    row.append(head, number);
    return row;
  }));
}

function show(found) {
  const details = document.getElementById("answer");
  details.hidden = false;
  details.querySelector("pre").textContent = JSON.stringify(found, null, 2);
  if (found.error) {
    said.textContent = found.error.message;
    showChoices([]);
    return;
  }
  said.textContent = found.label ?? found.text ?? "";
  showChoices(found.top ?? [[found.text, found.probability], ...(found.alternatives ?? [])]);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const [file] = document.getElementById("picture").files;
  const shown = document.getElementById("shown");
  shown.src = URL.createObjectURL(file);
  shown.hidden = false;
  said.textContent = form.dataset.sending;
  try {
    if (!model.value) await loadModels();
    const address = readers.has(model.value) ? "read" : "predict";
    const chosen = model.value ? `?model=${encodeURIComponent(model.value)}` : "";
    const answer = await fetch(address + chosen, {
      method: "POST",
      headers: { ...headers(), "Content-Type": "application/octet-stream", "Accept-Language": document.documentElement.lang },
      body: file,
    });
    show(await answer.json());
  } catch {
    said.textContent = form.dataset.failed;
  }
});

if (form.dataset.token === "false") loadModels();
