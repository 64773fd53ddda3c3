// Files: the chosen names in Spanish, drag and drop, and (where the page names a URL) one request per file with its
// progress, cancel and retry. The verdict is HTML from the server; nothing is judged here.
import { enhance, say, visit } from "./0-core.js";

const AT_ONCE = 3;

function names(input) {
  const files = [...input.files];
  if (!files.length) { return "Ningún archivo elegido"; }
  return files.length > 3 ? `${files.length} archivos elegidos` : files.map((file) => file.name).join(", ");
}

enhance("[data-file-input]", (box) => {
  const input = box.querySelector("input[type=file]");
  const chosen = box.querySelector("[data-file-chosen]");
  input.addEventListener("change", () => { chosen.textContent = names(input); });
});

enhance("[data-drop]", (zone) => {
  const input = zone.querySelector("input[type=file]");
  const over = (event) => { event.preventDefault(); zone.classList.add("over"); };
  zone.addEventListener("dragenter", over);
  zone.addEventListener("dragover", over);
  zone.addEventListener("dragleave", (event) => { if (!zone.contains(event.relatedTarget)) { zone.classList.remove("over"); } });
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    if (!event.dataTransfer.files.length) { return; }
    const kept = new DataTransfer();
    for (const file of [...event.dataTransfer.files].slice(0, input.multiple ? 60 : 1)) { kept.items.add(file); }
    input.files = kept.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
});

function element(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function size(bytes) {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1000))} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function row(file, again) {
  const line = element("div", "file-row");
  const kind = element("span", "file-kind", (file.name.split(".").pop() || "").slice(0, 4).toUpperCase());
  kind.setAttribute("aria-hidden", "true");
  const words = element("div", "");
  const state = element("p", "muted small", `${size(file.size)} · En espera`);
  const bar = element("progress", "");
  bar.max = 100;
  bar.value = 0;
  bar.setAttribute("aria-label", `Subiendo ${file.name}`);
  words.append(element("p", "file-name", file.name), state, bar);
  const button = element("button", "btn text small", "Cancelar");
  button.type = "button";
  line.append(kind, words, button);
  return { line, state, bar, button, file, again };
}

function send(box, entry) {
  return new Promise((done) => {
    const { file, state, bar, button, line } = entry;
    const request = new XMLHttpRequest();
    const body = new FormData();
    const form = box.closest("form");
    for (const field of form ? form.querySelectorAll("input[type=hidden][name]") : []) { body.append(field.name, field.value); }
    body.set("once_key", entry.key);
    body.append(box.dataset.name, file, file.name);
    const failed = (text) => {
      bar.hidden = true;
      state.textContent = text;
      button.textContent = "Reintentar";
      button.onclick = () => { bar.hidden = false; button.textContent = "Cancelar"; entry.again(entry); };
      say(`${file.name}: ${text}`);
      done();
    };
    request.upload.onprogress = (event) => {
      if (!event.lengthComputable) { return; }
      bar.value = Math.round((100 * event.loaded) / event.total);
      state.textContent = bar.value < 100 ? `${size(file.size)} · Subiendo · ${bar.value} %` : `${size(file.size)} · Revisando`;
    };
    request.onload = () => {
      const html = (request.getResponseHeader("Content-Type") || "").startsWith("text/html");
      if (request.status >= 500 || !html) { failed("No se pudo guardar. Vuelve a intentar."); return; }
      const made = new DOMParser().parseFromString(request.responseText, "text/html");
      const answer = made.querySelector("[data-upload-answer], .file-row, .error-page, .note");
      if (!answer) { window.location.reload(); return; }
      const placed = document.importNode(answer, true);
      line.replaceWith(placed);
      visit(placed);
      say(`${file.name}: ${(placed.querySelector('.state') || placed).textContent.trim().replace(/\s+/g, ' ').slice(0, 160)}`);
      box.dispatchEvent(new CustomEvent("cauce:uploaded", { bubbles: true, detail: { status: request.status } }));
      done();
    };
    request.onerror = () => failed("Se fue la conexión. Sube solo cuando regrese, o reintenta.");
    request.onabort = () => { line.remove(); say(`${file.name}: cancelado`); done(); };
    button.onclick = () => request.abort();
    window.addEventListener("online", () => { if (button.textContent === "Reintentar") { button.click(); } }, { once: true });
    request.open("POST", box.dataset.upload);
    request.setRequestHeader("Accept", "text/html");
    request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    request.setRequestHeader("Idempotency-Key", entry.key);
    request.send(body);
  });
}

enhance("[data-upload]", (box) => {
  const input = box.querySelector("input[type=file]");
  const list = box.querySelector("[data-uploads]");
  const waiting = [];
  let running = 0;
  const next = async () => {
    while (running < AT_ONCE && waiting.length) {
      running += 1;
      send(box, waiting.shift()).then(() => { running -= 1; next(); });
    }
  };
  const queue = (entry) => { waiting.push(entry); next(); };
  input.addEventListener("change", () => {
    for (const file of input.files) {
      const entry = row(file, queue);
      entry.key = crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random()}`;
      entry.button.onclick = () => { waiting.splice(waiting.indexOf(entry), 1); entry.line.remove(); };
      list.append(entry.line);
      queue(entry);
    }
    input.value = "";
    box.querySelector("[data-file-chosen]").textContent = "";
  });
});
