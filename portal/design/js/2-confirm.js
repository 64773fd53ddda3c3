// Dialogs that ask. <details class="confirm">: its body becomes a modal dialog; without JavaScript it opens in place.
// <button data-ask="id">: opens the <dialog> of that id instead of posting; without JavaScript a page in between asks.
import { enhance } from "./0-core.js";

// The focus begins at the way out: whoever leans on Enter ends where they were.
function show(dialog) {
  dialog.showModal();
  const out = dialog.querySelector("[data-close]");
  if (out) { out.focus(); }
}

function closes(dialog) {
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) { dialog.close(); }
  });
}

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
  open.addEventListener("click", () => show(dialog));
  closes(dialog);
});

enhance("[data-ask]", (opener) => {
  const dialog = document.getElementById(opener.dataset.ask);
  opener.addEventListener("click", (event) => {
    event.preventDefault();
    show(dialog);
  });
  closes(dialog);
});
