/** Menus inside a thread: a click beside one closes it, and so does Escape, which gives the focus back. */
import { all } from "../lib/dom";

/** Returns the way to stop. */
export function closeMenus(root: HTMLElement): () => void {
  const opened = (): HTMLDetailsElement[] => all<HTMLDetailsElement>("details.menu[open]", root);
  const clicked = (event: Event): void => {
    for (const menu of opened()) if (event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
  };
  const pressed = (event: KeyboardEvent): void => {
    const [menu] = event.key === "Escape" ? opened() : [];
    if (!menu) return;
    event.preventDefault();
    event.stopPropagation();
    menu.open = false;
    menu.querySelector("summary")?.focus();
  };
  document.addEventListener("click", clicked);
  root.addEventListener("keydown", pressed, true);
  return () => {
    document.removeEventListener("click", clicked);
    root.removeEventListener("keydown", pressed, true);
  };
}
