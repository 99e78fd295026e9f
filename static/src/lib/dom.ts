/** Finding and building elements, typed, and never from a string of HTML. */

type Child = Node | string | number | null | undefined | false;
type Value = string | number | boolean | null | undefined;
/** Attributes by name; `class`, `data-…` and `aria-…` as written; `onclick` and the like are listeners; `styles` are set one by one (the page's policy refuses style attributes). */
export interface Properties {
  readonly styles?: Readonly<Record<string, string>>;
  readonly [name: string]: Value | ((event: never) => void) | Readonly<Record<string, string>>;
}

/** The one element that matches; throws when the template and the script disagree. */
export function one<E extends Element = HTMLElement>(selector: string, root: ParentNode = document): E {
  const found = root.querySelector<E>(selector);
  if (!found) throw new Error(`nothing matches ${selector}`);
  return found;
}

export function maybe<E extends Element = HTMLElement>(selector: string, root: ParentNode = document): E | null {
  return root.querySelector<E>(selector);
}

export function all<E extends Element = HTMLElement>(selector: string, root: ParentNode = document): E[] {
  return [...root.querySelectorAll<E>(selector)];
}

/** A new element: `h("button", {class: "button", onclick: send}, icon("send"), "Send")`. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, properties: Properties | null = null, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) assign(element, name, value);
  element.append(...shown(children));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** A new SVG element, the same way. */
export function svg<K extends keyof SVGElementTagNameMap>(tag: K, properties: Properties | null = null, ...children: Child[]): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(properties ?? {})) assign(element, name, value);
  element.append(...shown(children));
  return element;
}

/** An icon of the sprite. With a label it is an image with that name, without one it is decoration beside a text. */
export function icon(name: string, label = ""): SVGSVGElement {
  const sprite = document.documentElement.dataset["icons"] ?? "";
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${sprite}#${name}`);
  return svg("svg", { class: "icon", ...(label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" }) }, use);
}

/** Puts these children in place of whatever the element holds. */
export function fill(element: Element, ...children: Child[]): void {
  element.replaceChildren(...shown(children));
}

function shown(children: readonly Child[]): (Node | string)[] {
  return children.flatMap((child) => (child === null || child === undefined || child === false ? [] : [child instanceof Node ? child : String(child)]));
}

function assign(element: HTMLElement | SVGElement, name: string, value: Properties[string]): void {
  if (value === null || value === undefined || value === false) return;
  if (typeof value === "function") element.addEventListener(name.replace(/^on/, ""), value as EventListener);
  else if (typeof value === "object") for (const [property, setting] of Object.entries(value)) element.style.setProperty(property, setting);
  else if (name === "value" && "value" in element) element.value = String(value);
  else element.setAttribute(name, value === true ? "" : String(value));
}
