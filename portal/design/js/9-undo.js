// <form data-undo="30">: what was decided can be taken back for so many seconds. Counts down and says when it is over.
// The seconds are those that the server saw left, so that a wrong clock of the device changes nothing.
import { enhance, say } from "./0-core.js";

enhance("form[data-undo]", (form) => {
  const left = form.querySelector("[data-undo-left]");
  const button = form.querySelector("button");
  const end = performance.now() + 1000 * Number(form.dataset.undo);
  const tick = () => {
    const seconds = Math.ceil((end - performance.now()) / 1000);
    if (seconds > 0) {
      left.textContent = `Te ${seconds === 1 ? "queda 1 segundo" : `quedan ${seconds} segundos`} para deshacerlo.`;
      return;
    }
    clearInterval(timer);
    button.hidden = true;
    left.textContent = "Ya no se puede deshacer: surte efecto.";
    say(`${form.querySelector("b").textContent} ${left.textContent}`);
  };
  const timer = setInterval(tick, 500);
  tick();
});
