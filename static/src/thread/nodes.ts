/** Drawing a list again and again without touching what has not changed: focus, open menus and a reader's place stay. */

/** Nodes by key, made anew only when their stamp changes. */
export class Nodes {
  private readonly known = new Map<string, { node: HTMLElement; stamp: string }>();

  get(key: string, stamp: string, make: () => HTMLElement): HTMLElement {
    const found = this.known.get(key);
    if (found?.stamp === stamp) return found.node;
    const node = make();
    this.known.set(key, { node, stamp });
    return node;
  }

  peek(key: string): { readonly node: HTMLElement; readonly stamp: string } | undefined {
    return this.known.get(key);
  }

  forget(key: string): void {
    this.known.delete(key);
  }
}

/** Puts *nodes* into *parent* in this order, touching only what is elsewhere. A focused piece that was made anew has the focus again. */
export function arrange(parent: HTMLElement, nodes: readonly HTMLElement[], same: (gone: HTMLElement) => HTMLElement | null): void {
  const focused = document.activeElement?.closest<HTMLElement>("li");
  const wanted = new Set<Node>(nodes);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, n) => {
    if (parent.children[n] !== node) parent.insertBefore(node, parent.children[n] ?? null);
  });
  if (focused && !focused.isConnected && document.activeElement === document.body) same(focused)?.focus();
}
