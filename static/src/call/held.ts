/** What this tab has, the same over a reload: a seat (`yes`), or one in the room (`inside`). */
type What = "yes" | "inside";

export class Held {
  private readonly shelf: string;

  constructor(visit: string) {
    this.shelf = `telegut-seat-${visit}`;
  }

  get what(): What | null {
    return sessionStorage.getItem(this.shelf) as What | null;
  }

  keep(what: What): void {
    sessionStorage.setItem(this.shelf, what);
  }

  drop(): void {
    sessionStorage.removeItem(this.shelf);
  }
}
