// <p data-looking="url">: the page of a thing of a queue is open. Says so at once and every 20 seconds while somebody can
// see it, and writes who else has it open.
import { enhance } from "./0-core.js";

enhance("[data-looking]", (voice) => {
  const ask = async () => {
    const token = document.querySelector("[name=csrfmiddlewaretoken]");
    if (document.visibilityState !== "visible" || !token) { return; }
    try {
      const answer = await fetch(voice.dataset.looking, { method: "POST", headers: { "X-CSRFToken": token.value, "X-Requested-With": "fetch" } });
      const { here } = await answer.json();
      if (voice.textContent !== here) { voice.textContent = here; }
    } catch { /* the page says what it knew; the next round tells more */ }
  };
  ask();
  setInterval(ask, 20000);
});
