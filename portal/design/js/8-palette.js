// Ctrl/Cmd+K, or the header's search: the palette over things (the API's search), the page's acts, entries and links. Enter
// follows a link or brings the focus to a button: it decides nothing. Without a script the header leads to /buscar/.
import { plain } from "./0-core.js";
const told = (element) => element.textContent.trim().replace(/\s+/g, " ");
const LINKS = ".page-head a[href], .site-header a[href]:not(.brand), main th a[href], .site-footer a[href]";
const ACTS = "main .page-actions button, main .form-actions button, main .decision-bar button, main .selection-acts button";

function here() {
  const seen = new Map();
  for (const act of document.querySelectorAll(ACTS)) {
    if (act.offsetParent && told(act)) { seen.set(act, [told(act), "Acto de esta página"]); }
  }
  const known = new Set();
  for (const link of document.querySelectorAll(LINKS)) {
    if (!told(link) || known.has(link.href)) { continue; }
    known.add(link.href);
    seen.set(link, [told(link), link.closest(".site-header") ? "Menú" : ""]);
  }
  return [...seen].map(([target, [text, of]]) => ({ target, text, of }));
}

function make() {
  const search = document.querySelector("[data-search]");
  const dialog = document.createElement("dialog");
  dialog.className = "palette";
  dialog.setAttribute("aria-label", "Buscar o ir a");
  const input = document.createElement("input");
  const set = { type: "text", placeholder: "Folio, nombre o a dónde quieres ir", role: "combobox", "aria-label": "Buscar o ir a",
    "aria-expanded": "true", "aria-controls": "ir-a", "aria-autocomplete": "list", autocomplete: "off", spellcheck: "false", maxlength: "80" };
  for (const [name, value] of Object.entries(set)) { input.setAttribute(name, value); }
  const list = document.createElement("ul");
  list.id = "ir-a";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Resultados");
  const nothing = document.createElement("p");
  nothing.setAttribute("role", "status");
  dialog.append(input, list, nothing);
  document.body.append(dialog);
  let rows = [], things = [], chosen = 0, kept = null, waiting = 0, asked = "";

  function draw() {
    const wanted = plain(input.value.trim());
    const found = here().filter(({ text }) => plain(text).includes(wanted)).slice(0, wanted ? 5 : 12);
    rows = [...found, ...things];
    if (wanted && search) { rows.push({ href: `${search.href}?buscar=${encodeURIComponent(input.value.trim())}`, text: `Buscar «${input.value.trim()}» en todo`, of: "" }); }
    const stays = kept ? rows.findIndex(({ text, of }) => text === kept.text && of === kept.of) : -1;
    chosen = stays < 0 ? Math.max(0, Math.min(chosen, rows.length - 1)) : stays; // what the arrows chose, wherever the answer moved it
    list.replaceChildren(...rows.map(({ text, of }, index) => {
      const item = document.createElement("li");
      item.id = `ir-a-${index}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(index === chosen));
      item.append(text);
      if (of) {
        const small = document.createElement("small");
        small.textContent = of;
        item.append(" ", small);
      }
      return item;
    }));
    nothing.hidden = rows.length > 0;
    nothing.textContent = rows.length ? "" : "Escribe un folio, un nombre o una página.";
    input.setAttribute("aria-activedescendant", rows.length ? `ir-a-${chosen}` : "");
    const item = list.children[chosen];
    if (item) { item.scrollIntoView({ block: "nearest" }); }
  }

  async function ask() {
    const typed = input.value.trim();
    if (typed === asked) { return; }
    asked = typed;
    let groups = [];
    if (typed.length >= 3 && search) {
      try {
        const answer = await fetch(`${search.dataset.search}?buscar=${encodeURIComponent(typed)}`, { headers: { Accept: "application/json" } });
        groups = answer.ok ? (await answer.json()).groups : [];
      } catch { groups = []; } // the line «Buscar … en todo» stays
    }
    if (typed !== asked) { return; }
    things = groups.flatMap(({ label, rows: some }) => some.slice(0, 3).map((row) => ({ href: row.href, text: row.title, of: [label, row.detail].filter(Boolean).join(" · ") })));
    const whole = things.filter(({ text }) => /^[A-Z]{2}-/i.test(typed) && text.toUpperCase() === typed.toUpperCase());
    if (whole.length === 1) { whole[0].href = search.dataset.folio.replace("FOLIO", encodeURIComponent(whole[0].text)); }
    draw();
  }

  function take(row) {
    dialog.close();
    const href = row.href || row.target.href;
    if (href) { window.location.assign(href); return; }
    row.target.focus();
    row.target.scrollIntoView({ block: "center" });
  }

  input.addEventListener("input", () => {
    chosen = 0;
    kept = null;
    things = [];
    draw();
    clearTimeout(waiting);
    waiting = setTimeout(ask, 150);
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && rows.length) {
      event.preventDefault();
      chosen = (chosen + step + rows.length) % rows.length;
      kept = rows[chosen];
      draw();
    } else if (event.key === "Enter" && rows.length) {
      event.preventDefault();
      take(rows[chosen]);
    }
  });
  list.addEventListener("click", (event) => {
    const item = event.target.closest("li");
    if (item) { take(rows[[...list.children].indexOf(item)]); }
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) { dialog.close(); } });
  return { dialog, open() { input.value = asked = ""; things = []; chosen = 0; kept = null; draw(); dialog.showModal(); input.focus(); } };
}

let made;
const toggle = () => {
  made = made || make();
  if (made.dialog.open) { made.dialog.close(); } else { made.open(); }
};
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") { return; }
  event.preventDefault();
  if (!event.repeat) { toggle(); }
});
