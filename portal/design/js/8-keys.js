// Keyboard: "?" shows the keys; "g" and a figure jump along the menu; data-key="a" answers to one key (8-palette: Ctrl+K). Single keys never fire while somebody types and can be switched off (WCAG 2.1.4).
// No key decides: it follows a link or brings the focus to a button, and Enter presses the button that has the focus.
import { enhance } from "./0-core.js";

// A key that is held repeats itself into the next page, and who presses twice meant the page before: neither counts.
const SETTLED = 600;
let shown = performance.now();
let moved = false; // somebody chose where the focus is on this page
window.addEventListener("pageshow", (event) => { if (event.persisted) { shown = performance.now(); moved = false; } });
document.addEventListener("pointerdown", () => { moved = true; }, true);
const early = (event) => event.timeStamp - shown < SETTLED;
const counts = (event) => !event.repeat && !early(event);

document.addEventListener("keydown", (event) => {
  if (event.key === "Tab" && !event.repeat) { moved = true; }
  if (event.key !== "Enter" || !event.target.closest || event.target.closest("textarea, [contenteditable]")) { return; }
  const choice = event.target.matches("input[type=checkbox], input[type=radio]"); // the browser would send the form
  const acts = event.target.closest("button, summary, a[href], input[type=submit]");
  if (event.repeat || choice || (acts && early(event) && !moved)) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}, true);

const typing = (target) => target.closest("input, textarea, select, [contenteditable], dialog");

// The dialog of "?": what the keys do on this page, and the switch that silences the single ones.
const quiet = () => localStorage.getItem("cauce_keys") === "off" || document.body.dataset.keys === "off";
const menu = () => [...document.querySelectorAll(".site-nav a[href]")].slice(0, 9);

function known() {
  const rows = [["Ctrl K", "Buscar una cosa o ir a una página"], ["?", "Ver estos atajos"]];
  menu().forEach((link, index) => rows.push([`g ${index + 1}`, link.textContent.trim()]));
  if (document.querySelector("[data-rows]")) { rows.push(["j", "Fila siguiente"], ["k", "Fila anterior"]); }
  const told = new Set();
  for (const target of document.querySelectorAll("[data-key]")) {
    if (told.has(target.dataset.key)) { continue; } // the first of a key is the one that it reaches
    told.add(target.dataset.key);
    const label = (target.labels && target.labels[0] ? target.labels[0] : target).textContent.trim().replace(/\s+/g, " ");
    rows.push([target.dataset.key, target.matches("a[href]") ? label : `Llevarte a «${label}»`]);
  }
  rows.push(["Enter", "Oprimir el botón en el que estás: ninguna otra tecla decide"]);
  return rows;
}

function shortcuts() {
  const dialog = document.createElement("dialog");
  dialog.className = "shortcuts";
  dialog.setAttribute("aria-labelledby", "atajos");
  const title = document.createElement("h2");
  title.id = "atajos";
  title.textContent = "Atajos de teclado";
  const list = document.createElement("dl");
  const label = document.createElement("label");
  label.className = "choice-card";
  const box = document.createElement("input");
  box.type = "checkbox";
  box.addEventListener("change", () => localStorage.setItem("cauce_keys", box.checked ? "on" : "off"));
  label.append(box, "Usar atajos de una sola tecla");
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn secondary";
  close.textContent = "Cerrar";
  close.autofocus = true;
  close.addEventListener("click", () => dialog.close());
  dialog.append(title, list, label, close);
  dialog.addEventListener("click", (event) => { if (event.target === dialog) { dialog.close(); } });
  document.body.append(dialog);
  return { dialog, open() {
    list.replaceChildren(...known().map(([key, what]) => {
      const row = document.createElement("div");
      const term = document.createElement("dt");
      const text = document.createElement("dd");
      const cap = document.createElement("kbd");
      cap.textContent = key;
      text.textContent = what;
      term.append(cap);
      row.append(term, text);
      return row;
    }));
    box.checked = !quiet();
    dialog.showModal();
  } };
}

let sheet;
let jumping = 0;
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || typing(event.target)) { return; }
  if (event.key === "?") {
    event.preventDefault();
    sheet = sheet || shortcuts();
    sheet.open();
    return;
  }
  if (quiet() || !counts(event)) { return; }
  if (event.key === "g") { jumping = event.timeStamp; return; }
  const link = event.timeStamp - jumping < 1500 ? menu()[Number(event.key) - 1] : null;
  jumping = 0;
  if (link) { window.location.assign(link.href); return; }
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!target) { return; }
  event.preventDefault();
  if (target.matches("a[href]")) { window.location.assign(target.href); return; }
  moved = true;
  target.focus();
  target.scrollIntoView({ block: "nearest" });
});

// Rows of a queue: j and k move between links marked data-row.
enhance("[data-rows]", (list) => {
  document.addEventListener("keydown", (event) => {
    if (!["j", "k"].includes(event.key) || event.ctrlKey || event.metaKey || event.altKey || quiet() || !counts(event) || typing(event.target)) { return; }
    const rows = [...list.querySelectorAll("th[scope=row] a, [data-row]")];
    const at = rows.indexOf(document.activeElement);
    const row = rows[event.key === "j" ? Math.min(rows.length - 1, at + 1) : Math.max(0, at - 1)];
    if (row) { moved = true; row.focus(); }
  });
});
