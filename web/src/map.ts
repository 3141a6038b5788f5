/** The map and its table point at each other. */
export function pairMapAndTable(): void {
  for (const pair of document.querySelectorAll<HTMLElement>(".map-and-table")) {
    const places = new Map<string, Element>();
    const rows = new Map<string, HTMLElement>();
    for (const place of pair.querySelectorAll("svg [data-state]")) places.set(place.getAttribute("data-state") ?? "", place);
    for (const row of pair.querySelectorAll<HTMLElement>("tr[data-state]")) rows.set(row.dataset.state ?? "", row);
    const light = (code: string, on: boolean) => {
      places.get(code)?.classList.toggle("lit", on);
      rows.get(code)?.classList.toggle("lit", on);
    };
    for (const [code, row] of rows) {
      row.addEventListener("pointerenter", () => light(code, true));
      row.addEventListener("pointerleave", () => light(code, false));
      row.addEventListener("focusin", () => light(code, true));
      row.addEventListener("focusout", () => light(code, false));
    }
    for (const [code, place] of places) {
      place.addEventListener("pointerenter", () => {
        light(code, true);
        const row = rows.get(code);
        const list = row?.closest<HTMLElement>(".tall");
        // Only the table scrolls, never the page under the pointer.
        if (row && list) list.scrollTop = row.offsetTop - list.clientHeight / 2;
      });
      place.addEventListener("pointerleave", () => light(code, false));
    }
  }
}
