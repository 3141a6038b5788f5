import type { Words } from "./words";

/** Puts a slider over the years beside the date. When it is let go, the page of that year is opened. */
export function slider(form: HTMLFormElement, say: Words): void {
  const field = form.querySelector<HTMLInputElement>('input[type="date"]');
  const first = Number(form.dataset.first?.slice(0, 4));
  const last = Number(form.dataset.last?.slice(0, 4));
  if (!field || !first || !last) return;
  const range = document.createElement("input");
  const year = document.createElement("output");
  range.type = "range";
  range.min = `${first}`;
  range.max = `${last}`;
  range.value = field.value.slice(0, 4);
  range.setAttribute("aria-label", say.year ?? "");
  year.textContent = field.value.slice(0, 4);
  field.after(range, year);
  range.addEventListener("input", () => {
    year.textContent = range.value;
  });
  range.addEventListener("change", () => {
    // The end of a year, and of the last one the day of the facts.
    const chosen = Number(range.value) >= last ? form.dataset.last : `${range.value}-12-31`;
    if (!chosen) return;
    field.value = chosen;
    form.requestSubmit();
  });
}
