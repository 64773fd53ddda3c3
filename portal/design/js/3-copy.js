// Copy buttons: hidden in the page, shown where the clipboard is available.
import { enhance } from "./0-core.js";

enhance("[data-copy]", (button) => {
  if (!navigator.clipboard) { return; }
  button.hidden = false;
  const answer = button.parentElement.querySelector("output");
  let later;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      answer.textContent = "Copiado";
    } catch {
      answer.textContent = "No se pudo copiar";
    }
    clearTimeout(later);
    later = setTimeout(() => { answer.textContent = ""; }, 3000);
  });
});
