import type { Words } from "./words";

/** What a cell is sorted by: its `data-order`, or its text. */
function order(cell: Element | undefined): string | number {
  const text = (cell as HTMLElement | undefined)?.dataset.order ?? cell?.textContent?.trim() ?? "";
  const number = Number(text.replace(/[\s\u202f]/g, ""));
  return text !== "" && Number.isFinite(number) ? number : text;
}

/** Makes the headings of a table buttons that sort it. */
export function sortable(table: HTMLTableElement, say: Words): void {
  const headings = [...(table.tHead?.rows[0]?.cells ?? [])];
  const body = table.tBodies[0];
  if (!body) return;
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    button.title = say.sort ?? "";
    heading.replaceChildren(button);
    button.addEventListener("click", () => {
      const descending = heading.getAttribute("aria-sort") === "ascending";
      for (const other of headings) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
      const language = document.documentElement.lang;
      const rows = [...body.rows].map((row) => [order(row.cells[column]), row] as const);
      rows.sort(([a], [b]) => {
        const difference =
          typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), language);
        return descending ? -difference : difference;
      });
      body.append(...rows.map(([, row]) => row));
    });
  });
}

/** Text without case and accents. */
function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** Puts a field above a table that leaves only the rows with what is typed. */
export function filterable(table: HTMLTableElement, say: Words): void {
  const body = table.tBodies[0];
  if (!body) return;
  const label = document.createElement("label");
  const input = document.createElement("input");
  const count = document.createElement("output");
  input.type = "search";
  label.append(table.dataset.filter ?? "", " ", input);
  const bar = document.createElement("div");
  bar.className = "filter";
  bar.append(label, count);
  (table.closest(".wide") ?? table).before(bar);
  const texts = new Map([...body.rows].map((row) => [row, plain(row.textContent ?? "")]));
  input.addEventListener("input", () => {
    const wanted = plain(input.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const [row, text] of texts) {
      row.hidden = !wanted.every((word) => text.includes(word));
      if (!row.hidden) shown += 1;
    }
    count.textContent = wanted.length > 0 ? (say.shown ?? "").replace("{n}", `${shown}`) : "";
  });
}

function csvCell(cell: HTMLTableCellElement): string {
  const text = (cell.textContent ?? "").replace(/\s+/g, " ").trim();
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The rows of a table as they are shown: filtered and sorted. */
export function csvOf(table: HTMLTableElement): string {
  const rows = [...table.rows].filter((row) => !row.hidden);
  return rows.map((row) => [...row.cells].map(csvCell).join(",")).join("\r\n") + "\r\n";
}

/** Offers each table as it is shown, beside what can be had in full. */
export function shownAsCsv(say: Words): void {
  for (const line of document.querySelectorAll<HTMLElement>("p.downloads")) {
    const table = line.parentElement?.querySelector<HTMLTableElement>("table.data[data-filter]");
    if (!table || !line.querySelector('a[href*=".csv"]')) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = say.csvShown ?? "CSV";
    button.addEventListener("click", () => save(new Blob([csvOf(table)], { type: "text/csv" }), "surety-as-shown.csv"));
    line.append(button);
  }
}

/** Hands a file to the visitor. */
export function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
