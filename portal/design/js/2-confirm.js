// <details class="confirm">: with JavaScript its body becomes a modal dialog; without it, it opens in place.
import { enhance } from "./0-core.js";

enhance("[data-confirm]", (details) => {
  const body = details.querySelector(".confirm-body");
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", body.getAttribute("aria-labelledby"));
  body.removeAttribute("role");
  body.removeAttribute("aria-labelledby");
  dialog.append(body);
  details.after(dialog);
  const open = document.createElement("button");
  const summary = details.querySelector("summary");
  open.type = "button";
  open.className = summary.className;
  open.textContent = summary.textContent;
  if (summary.dataset.key) { open.dataset.key = summary.dataset.key; }
  details.replaceWith(open);
  open.addEventListener("click", () => dialog.showModal());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) { dialog.close(); }
  });
});
