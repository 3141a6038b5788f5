import { save } from "./table";
import type { Words } from "./words";

/** At least so many pixels across: sharp in print. */
const WIDTH_MIN = 1920;

/** Offers a figure as PNG beside its SVG. */
export function png(link: HTMLAnchorElement, say: Words): void {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = say.png ?? "PNG";
  link.after(button);
  button.addEventListener("click", async () => {
    const image = new Image();
    image.src = link.href;
    await image.decode();
    // A figure says how large it is, so both are more than nothing.
    const scale = Math.max(2, WIDTH_MIN / image.naturalWidth);
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(image.naturalWidth * scale);
    canvas.height = Math.round(image.naturalHeight * scale);
    const drawing = canvas.getContext("2d");
    if (!drawing) return;
    drawing.drawImage(image, 0, 0, canvas.width, canvas.height);
    const name = link.href.replace(/[?#].*$/, "").replace(/^.*figure\//, "").replaceAll("/", "-").replace(/\.svg$/, ".png");
    canvas.toBlob((blob) => blob && save(blob, name));
  });
}
