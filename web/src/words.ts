/** The words that scripts show: they stand in the page, in its language. */
export type Words = Readonly<Record<string, string>>;

export function words(): Words {
  try {
    return JSON.parse(document.body.dataset.words ?? "{}") as Words;
  } catch {
    return {};
  }
}
