// <select data-combobox> of many choices: a field one types in, with its list (ARIA combobox). `data-combobox="url"` asks the
// server for what was typed ({rows: [{value, text, detail}]}); else the select's own options are searched. Without a
// script, or with few choices, the select stays as it is; it is always what the form sends.
import { enhance, plain, say } from "./0-core.js";

const FEW = 8, MOST = 50;

enhance("select[data-combobox]", (select) => {
  const url = select.dataset.combobox;
  if (!url && select.options.length < FEW) { return; }
  const input = document.createElement("input"), list = document.createElement("ul"), box = document.createElement("div");
  const named = { type: "text", id: select.id, role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false",
    "aria-controls": `${select.id}_lista`, autocomplete: "off", spellcheck: "false" };
  for (const [name, value] of Object.entries(named)) { input.setAttribute(name, value); }
  for (const name of ["aria-describedby", "aria-invalid", "required"]) {
    if (select.hasAttribute(name)) { input.setAttribute(name, select.getAttribute(name)); }
  }
  list.id = `${select.id}_lista`;
  list.hidden = true;
  list.className = "options"; // no list of a card's text, with its bullets
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", document.querySelector(`label[for="${select.id}"]`)?.textContent.trim() || "Opciones");
  box.className = "combobox";
  select.id += "_valor";
  select.hidden = true;
  select.required = false;
  select.before(box);
  box.append(input, list, select);
  let rows = [], at = -1, waiting = 0, sought = null; // `sought`: the text whose rows are drawn
  const text = () => (select.value ? select.selectedOptions[0].textContent.trim() : "");
  input.value = text();

  function shut() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }
  function draw() {
    list.replaceChildren(...rows.map((row, index) => {
      const item = document.createElement("li");
      item.id = `${list.id}_${index}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(index === at));
      item.append(row.text);
      if (row.detail) { item.append(" ", Object.assign(document.createElement("small"), { textContent: row.detail })); }
      return item;
    }));
    list.hidden = !rows.length;
    input.setAttribute("aria-expanded", String(rows.length > 0));
    if (at >= 0) {
      input.setAttribute("aria-activedescendant", `${list.id}_${at}`);
      list.children[at].scrollIntoView({ block: "nearest" });
    } else { input.removeAttribute("aria-activedescendant"); }
  }
  async function search() {
    const typed = input.value.trim();
    if (url) {
      try {
        const answer = await fetch(`${url}?buscar=${encodeURIComponent(typed)}`, { headers: { Accept: "application/json" } });
        if (typed !== input.value.trim()) { return; }
        rows = answer.ok ? (await answer.json()).rows : [];
      } catch { rows = []; }
    } else {
      const own = [...select.options].filter((one) => one.value && plain(one.textContent).includes(plain(typed)));
      rows = own.map((one) => ({ value: one.value, text: one.textContent.trim() }));
    }
    const found = rows.length;
    rows = rows.slice(0, MOST);
    at = -1;
    sought = typed;
    draw();
    say(found ? `${found} ${found === 1 ? "opción" : "opciones"}` : `Nada con «${typed}»`);
  }
  function choose(row) {
    if (![...select.options].some((one) => one.value === row.value)) { select.append(new Option(row.text, row.value)); }
    select.value = row.value;
    input.value = row.text;
    select.dispatchEvent(new Event("change", { bubbles: true }));
    shut();
  }
  input.addEventListener("input", () => {
    if (!input.value.trim()) { select.value = ""; select.dispatchEvent(new Event("change", { bubbles: true })); }
    clearTimeout(waiting);
    waiting = setTimeout(search, url ? 150 : 0);
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (list.hidden) { search(); return; }
      at = (Math.max(at, step < 0 ? 0 : -1) + step + rows.length) % rows.length; // from nothing: the first, or the last
      draw();
    } else if (event.key === "Enter" && !list.hidden && input.value.trim() === sought) {
      event.preventDefault();
      if (rows[at] || rows.length === 1) { choose(rows[at] || rows[0]); }
    } else if (event.key === "Enter" && input.value !== text()) { // the form would send another choice than is read
      event.preventDefault();
      clearTimeout(waiting);
      search();
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      input.value = text();
      shut();
    }
  });
  input.addEventListener("click", () => { if (list.hidden) { search(); } });
  input.addEventListener("blur", () => { // what was typed and not chosen is no choice
    input.value = text();
    shut();
  });
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const item = event.target.closest("li");
    if (item) { choose(rows[[...list.children].indexOf(item)]); }
  });
});
