/**
 * Browsers that are told to keep nothing throw at the mere name of a storage. Then this page keeps it itself, for as long as it is open:
 * a visit must not fail because a volume cannot be remembered. Imported first by pages that have to work anyhow.
 */
class Shelf implements Storage {
  private readonly kept = new Map<string, string>();

  get length(): number {
    return this.kept.size;
  }

  key(index: number): string | null {
    return [...this.kept.keys()][index] ?? null;
  }

  getItem(name: string): string | null {
    return this.kept.get(name) ?? null;
  }

  setItem(name: string, value: string): void {
    this.kept.set(name, String(value));
  }

  removeItem(name: string): void {
    this.kept.delete(name);
  }

  clear(): void {
    this.kept.clear();
  }
}

for (const name of ["sessionStorage", "localStorage"] as const) {
  try {
    void window[name].length;
  } catch {
    Object.defineProperty(window, name, { value: new Shelf(), configurable: true });
  }
}

export {};
