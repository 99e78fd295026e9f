/** Every text for people passes through here, so that it can be translated: the page brings the catalogue of its language. */

type Catalogue = Readonly<Record<string, string>>;

function load(): Catalogue {
  const holder = document.getElementById("words");
  return holder?.textContent ? (JSON.parse(holder.textContent) as Catalogue) : {};
}

let catalogue: Catalogue | null = null;

/** The text in the page's language; `{name}` is replaced by the value of that name. */
export function _(text: string, values: Readonly<Record<string, string | number>> = {}): string {
  catalogue ??= load();
  return (catalogue[text] ?? text).replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
