// Menus that are <details>: close on Escape, on a click elsewhere, and when the focus leaves.
import { enhance } from "./0-core.js";

enhance("details.menu", (menu) => {
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) { return; }
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) { menu.open = false; }
  });
});
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) { menu.open = false; }
  }
});

// A second press on a submit button while the first travels is dropped; the server does the act once anyway.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") { return; }
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  if (event.submitter) { event.submitter.setAttribute("aria-busy", "true"); }
});
// Coming back with the browser's arrow shows the page from memory: the form may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) { delete form.dataset.sent; }
  for (const busy of document.querySelectorAll("[aria-busy=true]")) { busy.removeAttribute("aria-busy"); }
});
