// <div data-picking> in a form whose table has boxes: one box for all of the page, the count and the sum of what is ticked.
import { enhance } from "./0-core.js";

const grouped = (digits, mark) => digits.replace(/\B(?=(\d{3})+$)/g, mark);

function told(hundredths, currency) {
  const text = String(hundredths).padStart(3, "0");
  return currency === "CLP" ? "$" + grouped(text.slice(0, -2), ".") : `$${grouped(text.slice(0, -2), ",")}.${text.slice(-2)}`;
}

enhance("[data-picking]", (bar) => {
  const form = bar.closest("form");
  const { noun, nouns, most, currency, rates, net } = bar.dataset;
  const boxes = [...form.querySelectorAll("input[data-amount]")];
  const parts = rates.split(" ").filter(Boolean).map((rate) => BigInt(rate.replace(".", "")));
  // Each line is rounded by itself, half up, as the server does it.
  const withheld = (amount) => parts.reduce((sum, rate) => sum + (amount * rate * 2n + 1000000n) / 2000000n, 0n);
  const all = document.createElement("label");
  const every = document.createElement("input");
  all.className = "pick pick-all";
  every.type = "checkbox";
  all.append(every, `Elegir las ${boxes.length} de esta página`);
  const count = () => {
    const chosen = boxes.filter((box) => box.checked);
    const sums = new Map(); // by currency: what is paid in two is never added up
    let taken = 0n;
    for (const box of chosen) {
      const amount = BigInt(box.dataset.amount.replace(".", "")), unit = box.dataset.currency || currency;
      sums.set(unit, (sums.get(unit) || 0n) + amount);
      taken += withheld(amount);
    }
    const words = [`${chosen.length} ${chosen.length === 1 ? noun : nouns}`, [...sums].map(([unit, sum]) => told(sum, unit)).join(" y ")];
    if (parts.length) { words.push(`retención ${told(taken, currency)}`, `${net} ${told((sums.get(currency) || 0n) - taken, currency)}`); }
    if (chosen.length > most) { words.push(`el máximo es ${most}`); }
    bar.querySelector("[data-picked]").textContent = chosen.length ? words.join(" · ") : `Elige ${nouns} de la tabla.`;
    every.checked = chosen.length === boxes.length;
    every.indeterminate = chosen.length > 0 && !every.checked;
  };
  bar.querySelector("[data-unpicked]").remove();
  if (boxes.length > 1) { form.querySelector(".table-card").before(all); }
  every.addEventListener("change", () => { for (const box of boxes) { box.checked = every.checked; } count(); });
  form.addEventListener("change", count);
  count();
});
