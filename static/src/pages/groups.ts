/** Group sessions: taking a seat and giving it back in two taps; for those who hold them, opening and cancelling one. */
import { toast, toastProblem } from "../lib/announce";
import { type ItemPage, Problem, api } from "../lib/api";
import { ask } from "../lib/dialog";
import { all, fill, h, maybe, one } from "../lib/dom";
import { feed } from "../lib/feed";
import { civilDay, clockTime, longDay, zoneName, myZone } from "../lib/time";
import { _ } from "../lib/words";
import { cancelVisit } from "../scheduling/cancel";

interface Slot {
  readonly start: string;
}

const path = (card: HTMLElement): string => `/api/v1/group-sessions/${card.dataset["session"] ?? ""}`;
const when = (card: HTMLElement): string => card.dataset["when"] ?? "";

async function takeSeat(card: HTMLElement, button: HTMLButtonElement): Promise<void> {
  const agreed = await ask({
    title: _("Take a seat on {when}?", { when: when(card) }),
    text: _("In the room the others see your picture and your first name. You can give the seat back at any time before."),
    confirm: _("Take the seat"),
  });
  if (!agreed) return;
  button.disabled = true;
  try {
    const patient = card.dataset["patient"];
    await api.post(`${path(card)}/seats`, patient ? { patient } : {});
    location.reload();
  } catch (problem) {
    button.disabled = false;
    toastProblem(problem);
  }
}

async function endSession(card: HTMLElement): Promise<void> {
  const agreed = await ask({
    title: _("Cancel the session on {when}?", { when: when(card) }),
    text: _("Everybody who has a seat is told at once."),
    confirm: _("Cancel the session"),
    decline: _("Keep it"),
    grave: true,
  });
  if (!agreed) return;
  try {
    await api.post(`${path(card)}/cancel`, { version: Number(card.dataset["version"]) });
    location.reload();
  } catch (problem) {
    toastProblem(problem);
  }
}

for (const card of all("[data-session]")) {
  const take = card.querySelector<HTMLButtonElement>("[data-take]");
  take?.addEventListener("click", () => void takeSeat(card, take));
  card.querySelector("[data-end]")?.addEventListener("click", () => void endSession(card));
  const back = card.querySelector<HTMLElement>("[data-give-back]");
  back?.addEventListener("click", () => {
    const title = _("Give your seat on {when} back?", { when: when(card) });
    const text = _("It becomes free for somebody else at once.");
    void cancelVisit(back.dataset["giveBack"] ?? "", Number(back.dataset["seatVersion"]), title, text).then((done) => done && location.reload());
  });
}
feed().on("group_session.", () => toast(_("A session has changed. Load the page again to see it."), "attention"));

// --- opening one

class Opening {
  private readonly service: HTMLSelectElement;
  private readonly day: HTMLSelectElement;
  private readonly start: HTMLSelectElement;
  private readonly seats: HTMLInputElement;
  private readonly free: HTMLElement;
  private readonly wrong: HTMLElement;
  private days = new Map<string, string[]>();
  private asked = 0;

  constructor(private readonly form: HTMLFormElement) {
    this.service = one<HTMLSelectElement>("#session-service", form);
    this.day = one<HTMLSelectElement>("#session-day", form);
    this.start = one<HTMLSelectElement>("#session-start", form);
    this.seats = one<HTMLInputElement>("#session-seats", form);
    this.free = one("[data-free]", form);
    this.wrong = one("[data-wrong]", form);
    this.service.addEventListener("change", () => this.otherKind());
    for (const box of all<HTMLInputElement>("[name=practitioners]", form)) box.addEventListener("change", () => void this.look());
    this.day.addEventListener("change", () => this.showTimes());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.open();
    });
    void this.look();
  }

  private people(): string[] {
    return all<HTMLInputElement>("[name=practitioners]", this.form)
      .filter((box) => box.checked)
      .map((box) => box.value);
  }

  private otherKind(): void {
    const seats = this.service.selectedOptions[0]?.dataset["seats"] ?? "2";
    this.seats.max = this.seats.value = seats;
    void this.look();
  }

  /** The times of the next weeks; a later question makes an earlier answer void. */
  private async look(): Promise<void> {
    const mine = (this.asked += 1);
    const practitioner = this.people();
    this.wrong.hidden = true;
    this.days = new Map();
    this.show(practitioner.length ? _("Looking for free times …") : _("Choose who holds it."));
    if (!practitioner.length) return;
    try {
      const found = await api.get<ItemPage<Slot>>("/api/v1/group-sessions/starts", { query: { service: this.service.value, practitioner } });
      if (mine !== this.asked) return;
      for (const slot of found.items) {
        const day = civilDay(slot.start);
        this.days.set(day, [...(this.days.get(day) ?? []), slot.start]);
      }
      this.show(this.days.size ? "" : _("There is no free time in the next four weeks."));
    } catch (problem) {
      if (mine !== this.asked) return;
      this.show("");
      this.complain(problem);
    }
  }

  private show(words: string): void {
    this.free.textContent = words;
    fill(this.day, ...[...this.days].map(([day, starts]) => h("option", { value: day }, longDay(starts[0] ?? day))));
    this.showTimes();
  }

  private showTimes(): void {
    const starts = this.days.get(this.day.value) ?? [];
    fill(this.start, ...starts.map((start) => h("option", { value: start }, `${clockTime(start)} ${zoneName(myZone())}`)));
    this.day.disabled = this.start.disabled = !starts.length;
  }

  private complain(problem: unknown): void {
    if (!(problem instanceof Problem)) return toastProblem(problem);
    this.wrong.textContent = problem.errors[0]?.message ?? problem.message;
    this.wrong.hidden = false;
  }

  private async open(): Promise<void> {
    this.wrong.hidden = true;
    const title = one<HTMLSelectElement>("#session-title", this.form).value;
    const body = { service: this.service.value, practitioners: this.people(), start: this.start.value, title, seats: Number(this.seats.value) };
    if (!body.start) {
      this.wrong.textContent = _("Choose who holds it, a day and a time.");
      this.wrong.hidden = false;
      return;
    }
    try {
      await api.post("/api/v1/group-sessions", body);
      location.reload();
    } catch (problem) {
      this.complain(problem);
      if (problem instanceof Problem && problem.status === 409) void this.look();
    }
  }
}

const form = maybe<HTMLFormElement>("[data-open]");
if (form) new Opening(form);
