// Passkeys: a form with data-passkey ("get" or "create") asks the browser and sends its answer in `credential`.
// Options come in data-options (JSON) or from data-options-url (POST with the form's token).

const decode = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0)).buffer;
const encode = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const descriptors = (list) => (list || []).map((item) => ({ ...item, id: decode(item.id) }));

function forBrowser(options, kind) {
  const ready = { ...options, challenge: decode(options.challenge) };
  if (kind === "create") {
    ready.user = { ...options.user, id: decode(options.user.id) };
    ready.excludeCredentials = descriptors(options.excludeCredentials);
  } else {
    ready.allowCredentials = descriptors(options.allowCredentials);
  }
  return ready;
}

function forServer(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = encode(credential.response[name]);
  }
  return {
    id: credential.id, rawId: encode(credential.rawId), type: credential.type, response,
    authenticatorAttachment: credential.authenticatorAttachment ?? null, clientExtensionResults: {},
  };
}

async function optionsOf(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options);
  const answer = await fetch(form.dataset.optionsUrl, { method: "POST", body: new FormData(form) });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function ask(event) {
  const form = event.currentTarget;
  if (form.elements.credential.value) return;
  event.preventDefault();
  const kind = form.dataset.passkey;
  const error = form.querySelector("[data-passkey-error]");
  error.hidden = true;
  try {
    const publicKey = forBrowser(await optionsOf(form), kind);
    const credential = await navigator.credentials[kind]({ publicKey });
    form.elements.credential.value = JSON.stringify(forServer(credential));
    form.submit();
  } catch {
    error.hidden = false;
  }
}

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", ask);
  }
}
