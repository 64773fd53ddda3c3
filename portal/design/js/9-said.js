// <div data-said> in a form: what the other one will read is written there as it is marked and typed, before it leaves.
// Without JavaScript the page in between says it (`ask`).
import { enhance } from "./0-core.js";

enhance("[data-said]", (box) => {
  const form = box.closest("form");
  const list = box.querySelector("ul");
  const write = () => {
    const marked = [...form.querySelectorAll("input[type=checkbox]:checked")].map((one) => one.closest("label").textContent);
    const typed = [...form.querySelectorAll("textarea")].map((one) => one.value);
    const lines = [...marked, ...typed].map((text) => text.trim()).filter(Boolean);
    list.replaceChildren(...lines.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
    box.hidden = !lines.length;
  };
  const asks = form.querySelector("button[name=ask]:not([data-ask])");
  if (asks) { asks.removeAttribute("name"); } // it was seen here: no page in between
  form.addEventListener("input", write);
  form.addEventListener("change", write);
  write();
});
