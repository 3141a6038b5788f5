import type { Words } from "./words";

/** So long the keyboard may rest before the page of the year is opened. */
const PAUSE_MS = 800;
/** Remembers, from one page to the next, that the slider had the focus. */
const FOCUS = "surety-slider";

/** Puts a slider over the years beside the date. When it is let go, or rests, the page of that year is opened. */
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
  const open = () => {
    // The end of a year, and of the last one the day of the facts.
    const chosen = Number(range.value) >= last ? form.dataset.last : `${range.value}-12-31`;
    if (!chosen || range.value === shown) return;
    field.value = chosen;
    if (document.activeElement === range) sessionStorage.setItem(FOCUS, "1");
    form.requestSubmit();
  };
  const shown = range.value;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  range.addEventListener("change", () => {
    clearTimeout(waiting);
    waiting = setTimeout(open, PAUSE_MS);
  });
  range.addEventListener("pointerup", open);
  range.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    open();
  });
  if (sessionStorage.getItem(FOCUS)) {
    sessionStorage.removeItem(FOCUS);
    range.focus();
  }
}
