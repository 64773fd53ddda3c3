// Files: the chosen names in Spanish, drag and drop, and (where the page names a URL) one request per file with its
// progress, cancel and retry; a stored file taken out and brought back. The verdict is the server's page, whose parts
// (`data-upload-part`) and answer (`data-upload-answer`) are put in place; nothing is judged here.
import { enhance, newKey, say, visit } from "./0-core.js";

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

// How large a file is, as `filesize_es` says it.
function size(bytes) {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1000))} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

// The parts of the page that say what is stored: the server draws them anew, the files on their way stay where they are.
function redraw(page) {
  for (const part of document.querySelectorAll("[data-upload-part]")) {
    const fresh = page.getElementById(part.id);
    if (!fresh) { continue; }
    const placed = document.importNode(fresh, true);
    part.replaceWith(placed);
    visit(placed);
  }
}

// The server's words about a refused file: what the page marks as its answer, else the page of a refusal.
function answerOf(page) {
  return page.querySelector("[data-upload-answer]") || page.querySelector(".error-page, .note");
}

class Upload {
  constructor(box, file, queue) {
    Object.assign(this, { box, file, queue, key: newKey(), state: "waiting", watch: new AbortController() });
    this.line = box.querySelector("template[data-upload-row]").content.firstElementChild.cloneNode(true);
    this.line.upload = this;
    for (const name of ["kind", "name", "said", "bar", "act", "drop", "answer"]) {
      this[name] = this.line.querySelector(`[data-row-${name}]`);
    }
    this.kind.textContent = (file.name.split(".").pop() || "").slice(0, 4).toUpperCase();
    this.name.textContent = file.name;
    this.bar.setAttribute("aria-label", `Avance de ${file.name}`);
    this.act.onclick = () => { if (this.state === "ended") { this.wait(); this.queue(this); } else { this.cancel(); } };
    this.drop.onclick = () => { this.line.remove(); say(`${file.name}: quitado de la lista`); };
    this.wait();
  }

  wait() {
    this.state = "waiting";
    this.refused = false;
    this.watch.abort(); // it is on its way again, or given up: a connection that returns sends nothing more
    this.bar.value = 0;
    this.bar.hidden = this.act.hidden = false;
    this.drop.hidden = true;
    this.answer.replaceChildren();
    this.said.textContent = `${size(this.file.size)} · En espera`;
    this.act.textContent = "Cancelar";
  }

  // It did not arrive: it may be tried again (under the same key, so that it counts once) or leave the list.
  end(said, { again = true } = {}) {
    this.state = "ended";
    this.bar.hidden = true;
    this.said.textContent = `${size(this.file.size)} · ${said}`;
    this.act.textContent = "Reintentar";
    this.act.hidden = !again;
    this.drop.hidden = false;
    say(`${this.file.name}: ${said}`);
  }

  // Only while bytes are missing: a whole file is stored by the server whether or not we wait for its answer. What is
  // sent after that is another act, under another key.
  cancel() {
    const request = this.request;
    this.key = newKey();
    this.end("Cancelado. No se guardó.");
    if (request) { request.abort(); }
  }

  sent() {
    if (this.state !== "travelling") { return; }
    this.bar.value = 100;
    this.act.hidden = true;
    this.said.textContent = `${size(this.file.size)} · Revisando`;
  }

  // Resolves when it needs the line no longer, whatever became of it.
  send() {
    return new Promise((done) => {
      const request = this.request = new XMLHttpRequest(), body = new FormData();
      for (const field of this.box.closest("form").querySelectorAll("input[type=hidden][name]")) { body.append(field.name, field.value); }
      body.append(this.box.dataset.name, this.file, this.file.name);
      this.state = "travelling";
      request.upload.onprogress = (event) => {
        if (!event.lengthComputable || this.state !== "travelling") { return; }
        this.bar.value = Math.floor((100 * event.loaded) / event.total);
        this.said.textContent = `${size(this.file.size)} · Subiendo, ${this.bar.value} %`;
      };
      request.upload.onload = () => { this.sent(); };
      request.onload = () => { this.arrived(request); };
      request.onerror = () => {
        this.end("Se fue la conexión. Sube solo cuando regrese, o reintenta.");
        this.watch = new AbortController();
        window.addEventListener("online", () => { if (this.line.isConnected) { this.act.click(); } }, { once: true, signal: this.watch.signal });
      };
      request.onloadend = () => { this.request = null; done(); };
      request.open("POST", this.box.dataset.upload);
      request.setRequestHeader("Accept", "text/html");
      request.setRequestHeader("Idempotency-Key", this.key);
      request.send(body);
    });
  }

  // What was refused before goes once one of its kind is stored, where each kind has one place; and where the page takes
  // no more files, their box goes with all that was refused.
  tidy(page) {
    const others = [...this.box.querySelectorAll("[data-uploads] > *")].map((line) => line.upload).filter(Boolean);
    if (!page.getElementById(this.box.id) && others.every((one) => one.state === "ended")) {
      this.box.closest("form").remove();
    } else if (this.box.dataset.each) {
      for (const one of others) { if (one.refused && one.kind.textContent === this.kind.textContent) { one.line.remove(); } }
    }
  }

  arrived(request) {
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    const parts = page.querySelector("[data-upload-part]"), told = answerOf(page);
    if (request.status < 400 && parts) {
      this.line.remove();
      redraw(page);
      this.tidy(page);
      say(`${this.file.name}: guardado`);
    } else if (request.status < 400) {
      location.assign(request.responseURL); // another page is asked for first: the session ended, or a consent is missing
    } else if (request.status >= 400 && request.status < 500 && told) {
      this.end("No se guardó.", { again: !parts });
      this.refused = true;
      const placed = document.importNode(told, true);
      placed.removeAttribute("id");
      this.answer.replaceChildren(placed);
      visit(placed);
      say(`${this.file.name}: ${told.textContent.trim().replace(/\s+/g, " ").slice(0, 160)}`);
    } else {
      this.end("No se pudo guardar. Vuelve a intentar.");
    }
  }
}

enhance("[data-upload]", (box) => {
  const list = box.querySelector("[data-uploads]");
  const waiting = [];
  let running = 0;
  const next = () => {
    while (running < Number(box.dataset.atOnce) && waiting.length) {
      const upload = waiting.shift();
      if (upload.state !== "waiting") { continue; }
      running += 1;
      upload.send().then(() => { running -= 1; next(); });
    }
  };
  const queue = (upload) => { waiting.push(upload); next(); };
  // What is chosen, and what the camera takes.
  for (const input of box.querySelectorAll("input[type=file]")) {
    input.addEventListener("change", () => {
      const chosen = [...input.files].map((file) => new Upload(box, file, queue));
      list.append(...chosen.map((upload) => upload.line));
      input.value = "";
      for (const said of box.querySelectorAll("[data-file-chosen]")) { said.textContent = ""; }
      chosen.forEach(queue);
    });
  }
});

// Taking a stored file out, and bringing it back: the page stays, and so do the files that are still on their way.
enhance("form[data-upload-act]", (form) => {
  form.addEventListener("submit", async (event) => {
    if (!form.closest("[data-upload-part]")) { return; }
    event.preventDefault();
    const name = form.dataset.uploadAct;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "text/html" } });
      if (!answer.ok) { form.submit(); return; } // nothing was done: the page that answers says why
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!page.querySelector("[data-upload-part]")) { location.assign(answer.url); return; } // as above: another page comes first
      redraw(page);
    } catch {
      say("Se fue la conexión. Vuelve a intentar.");
      return;
    }
    const button = [...document.querySelectorAll("form[data-upload-act]")].find((one) => one.dataset.uploadAct === name)?.querySelector("button");
    if (button) { button.focus(); say(`${name}: ${button.textContent.includes("Deshacer") ? "quitado" : "guardado otra vez"}`); }
  });
});
