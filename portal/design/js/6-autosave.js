// <form data-autosave> (or `data-autosave="/…/"`: another address than the form's own): whatever was changed is posted
// by itself, at once for what is chosen, a second after the last letter for what is typed. The server keeps it or says
// what to correct (`portal/design/saving.py`); without a connection it is sent when that returns. A page that is left
// sends what is on its way; what was sent by its button is not answered by the same page again.
import { enhance, newKey } from "./0-core.js";

enhance("form[data-autosave]", (form) => {
  const status = form.querySelector("[data-draft-status] span");
  const tell = (text) => { if (status) { status.textContent = text; } };
  let later = 0, changed = false, running = null, leaving = false;

  const body = () => {
    const data = new FormData(form);
    data.delete("idempotency_key");
    for (const [name, value] of [...data]) { if (value instanceof File) { data.delete(name); } }
    return data;
  };
  const post = (more) => fetch(form.dataset.autosave || form.action, {
    method: "POST", body: body(), headers: { Accept: "application/json", "X-Autosave": "1", "Idempotency-Key": newKey() }, ...more,
  });

  const keep = async () => {
    changed = false;
    tell("Guardando…");
    try {
      const answer = await post();
      const said = (answer.headers.get("Content-Type") || "").includes("json") ? await answer.json() : {};
      if (answer.ok && said.said) {
        tell(said.said);
        if (said.again && !changed && !leaving) { location.reload(); }
      } else if (said.wrong) {
        tell(`Aún no se guarda: ${Object.values(said.wrong)[0]}`);
      } else if (answer.ok) {
        tell("Tu sesión se cerró por seguridad. Lo guardado sigue aquí: entra y continúas en este paso.");
      } else {
        tell(said.detail || "No se pudo guardar. Usa el botón para intentarlo otra vez.");
      }
    } catch {
      changed = true;
      tell("Se fue la conexión. Lo guardamos cuando regrese.");
      window.addEventListener("online", save, { once: true });
    }
  };
  const save = async () => {
    clearTimeout(later);
    if (running || !changed) { return; }
    running = keep();
    await running;
    running = null;
    if (changed && navigator.onLine) { later = setTimeout(save, 1000); }
  };

  form.addEventListener("input", () => { changed = true; clearTimeout(later); later = setTimeout(save, 1000); });
  form.addEventListener("change", (event) => { if (event.target.type !== "file") { changed = true; save(); } });
  form.addEventListener("submit", (event) => {
    leaving = true;
    changed = false;
    clearTimeout(later);
    if (!running) { return; }
    event.preventDefault(); // the field on its way would write an older answer over the whole form, if it came second
    const patience = new Promise((go) => { setTimeout(go, 5000); });
    Promise.race([running, patience]).then(() => { running = null; form.requestSubmit(event.submitter); });
  });
  window.addEventListener("pagehide", () => { if (changed) { changed = false; post({ keepalive: true }).catch(() => {}); } });
});
