// Groups what is typed: CLABE 3 3 11 1, RFC in capitals, money with commas on leaving the field. The server reads both.
import { enhance } from "./0-core.js";

function clabe(text) {
  const digits = text.replace(/\D/g, "").slice(0, 18);
  return [digits.slice(0, 3), digits.slice(3, 6), digits.slice(6, 17), digits.slice(17)].filter(Boolean).join(" ");
}

enhance("input[data-format=clabe]", (input) => {
  input.addEventListener("input", () => {
    if (input.selectionStart === input.value.length) { input.value = clabe(input.value); }
  });
  input.addEventListener("blur", () => {
    if (/^[\d\s-]*$/.test(input.value) && input.value.replace(/\D/g, "").length <= 18) { input.value = clabe(input.value); }
  });
});
// Its bank, asked for by the first three digits alone, and how many digits there are.
const banks = new Map();
async function bankOf(code, url) {
  if (!banks.has(code)) {
    try {
      const answer = await fetch(url.replace("000", code), { headers: { Accept: "application/json" } });
      if (answer.status === 404) { banks.set(code, "No conocemos el banco que empieza con " + code); }
      if (answer.ok) { banks.set(code, (await answer.json()).name); }
    } catch { return ""; } // without a line nothing is said: the server says it
  }
  return banks.get(code) || "";
}
enhance("input[data-bank]", (input) => {
  const told = document.createElement("output");
  told.className = "hint bank";
  told.setAttribute("aria-live", "polite");
  input.after(told);
  const tell = async () => {
    const digits = input.value.replace(/\D/g, ""), code = digits.slice(0, 3);
    const bank = code.length === 3 ? await bankOf(code, input.dataset.bank) : "";
    if (!input.value.replace(/\D/g, "").startsWith(code)) { return; } // they typed on
    told.textContent = [bank, digits ? `${digits.length} de 18 dígitos` : ""].filter(Boolean).join(" · ");
  };
  input.addEventListener("input", tell);
  tell();
});
enhance("input[data-format=rfc]", (input) => {
  input.addEventListener("blur", () => { input.value = input.value.toUpperCase().replace(/[\s-]/g, ""); });
});
enhance("input[data-format=money]", (input) => {
  input.addEventListener("blur", () => {
    const plain = input.value.replace(/[\s,$]/g, "");
    if (!/^\d+(\.\d{1,2})?$/.test(plain)) { return; }
    const [whole, cents] = plain.split(".");
    input.value = whole.replace(/\B(?=(\d{3})+$)/g, ",") + (cents ? "." + cents.padEnd(2, "0") : "");
  });
});
