import { save } from "./table";
import type { Words } from "./words";

/** So many pixels for one of the drawing: sharp in print. */
const SCALE = 2;

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
    const canvas = document.createElement("canvas");
    canvas.width = (image.naturalWidth || 960) * SCALE;
    canvas.height = (image.naturalHeight || 468) * SCALE;
    const drawing = canvas.getContext("2d");
    if (!drawing) return;
    drawing.fillStyle = "#ffffff";
    drawing.fillRect(0, 0, canvas.width, canvas.height);
    drawing.drawImage(image, 0, 0, canvas.width, canvas.height);
    const name = link.href.replace(/[?#].*$/, "").replace(/^.*figure\//, "").replaceAll("/", "-").replace(/\.svg$/, ".png");
    canvas.toBlob((blob) => blob && save(blob, name));
  });
}
