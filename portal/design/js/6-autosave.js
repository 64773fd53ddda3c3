// <form data-autosave="/…/borrador/">: posts the draft three seconds after the last change and says so.
import { enhance } from "./0-core.js";

enhance("form[data-autosave]", (form) => {
  const status = form.querySelector("[data-draft-status] span");
  let later;
  const save = async () => {
    const body = new FormData(form);
    for (const [name, value] of [...body]) { if (value instanceof File) { body.delete(name); } }
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body, headers: { "X-Requested-With": "fetch" } });
      if (status) { status.textContent = answer.ok ? "Borrador guardado. Puedes salir y volver cuando quieras." : "Aún no se guarda el borrador: hay datos por corregir."; }
    } catch {
      if (status) { status.textContent = "Se fue la conexión. Guardamos el borrador cuando regrese."; }
      window.addEventListener("online", save, { once: true });
    }
  };
  form.addEventListener("input", () => { clearTimeout(later); later = setTimeout(save, 3000); });
});
