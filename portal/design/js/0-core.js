// What every module shares: `enhance` runs a function once on each matching element, now and after each htmx swap.
const enhanced = new WeakMap();
const enhancers = [];

export function enhance(selector, act) {
  enhancers.push([selector, act]);
  if (document.readyState !== "loading") { visit(document); }
}

export function visit(root) {
  for (const [selector, act] of enhancers) {
    const found = [...root.querySelectorAll(selector)];
    if (root.matches && root.matches(selector)) { found.unshift(root); }
    for (const element of found) {
      const done = enhanced.get(element) || new Set();
      if (done.has(act)) { continue; }
      done.add(act);
      enhanced.set(element, done);
      act(element);
    }
  }
}

// As words are compared: no case, no accents.
export const plain = (text) => text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "");

export function say(text) {
  let voice = document.getElementById("voz");
  if (!voice) {
    voice = document.createElement("div");
    voice.id = "voz";
    voice.className = "visually-hidden";
    voice.setAttribute("role", "status");
    document.body.append(voice);
  }
  voice.textContent = text;
}

// A fresh `Idempotency-Key`. `crypto.randomUUID` is absent where the page came by plain http.
export function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

document.documentElement.classList.add("js");
document.addEventListener("htmx:afterSwap", (event) => visit(event.target));
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector("[name=csrfmiddlewaretoken]");
  if (token) { event.detail.headers["X-CSRFToken"] = token.value; }
});

// The person's own words for native validation would be the browser's: forms are checked by the server, in Spanish.
enhance("form", (form) => { form.noValidate = true; });
enhance("[data-focus]", (element) => element.focus());
