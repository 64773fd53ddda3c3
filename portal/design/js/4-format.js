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
