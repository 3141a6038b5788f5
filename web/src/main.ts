// What a script adds to pages that are complete without one.
import { slider } from "./date";
import { png } from "./figure";
import { pairMapAndTable } from "./map";
import { filterable, shownAsCsv, sortable } from "./table";
import { verifier } from "./verify";
import { words } from "./words";

function main(): void {
  const say = words();
  for (const table of document.querySelectorAll<HTMLTableElement>("table[data-sortable]")) sortable(table, say);
  for (const table of document.querySelectorAll<HTMLTableElement>("table[data-filter]")) filterable(table, say);
  shownAsCsv(say);
  for (const link of document.querySelectorAll<HTMLAnchorElement>("a[data-figure]")) png(link, say);
  for (const form of document.querySelectorAll<HTMLFormElement>("form.date-bar")) slider(form, say);
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-verify]")) verifier(form);
  pairMapAndTable();
  if (location.protocol.startsWith("http")) hereAsHost();
}

/** Where the operator set no address, the one in the browser is the one to cite, to ask and to embed. */
function hereAsHost(): void {
  for (const place of document.querySelectorAll("[data-address]")) {
    const text = place.textContent ?? "";
    if (text.startsWith("/")) place.textContent = location.origin + text;
  }
  for (const code of document.querySelectorAll("[data-embed]")) {
    code.textContent = (code.textContent ?? "").replaceAll(/ (href|src)="\//g, ` $1="${location.origin}/`);
  }
}

main();
