/** Who is in the visit, with their part; for hosts also sending back or out, inviting by link, and calling a colleague in. */
import { announce, toast, toastProblem } from "../../lib/announce";
import { type ItemPage, api } from "../../lib/api";
import { ask } from "../../lib/dialog";
import { all, fill, h, icon } from "../../lib/dom";
import { _ } from "../../lib/words";
import type { Participant, Place, Visit } from "../visit";
import { heldBack, maySeePanels, roleWord } from "./roles";

interface Invited {
  readonly account: string;
  readonly name: string;
  readonly role: string;
  readonly url: string;
}

interface Colleague {
  readonly account: string;
  readonly name: string;
}

const PLACES: Readonly<Record<Place, string>> = {
  expected: _("not here yet"),
  checking: _("checks camera and sound"),
  waiting: _("waits to be let in"),
  admitted: _("comes in now"),
  inside: _("in the room"),
  away: _("lost the connection, seat kept"),
  left: _("has left"),
};

export class People {
  private visit: Visit | null = null;
  private dialog: HTMLDialogElement | null = null;
  private readonly list = h("ul", { class: "plain stack people" });
  private links = new Map<string, string>();

  constructor(
    stage: HTMLElement,
    private readonly id: string,
    private readonly me: string,
    private readonly host: boolean,
    private readonly say: (message: Readonly<Record<string, unknown>> & { readonly type: string }) => boolean,
  ) {
    for (const button of all("[data-people-button]", stage)) button.addEventListener("click", () => void this.open());
  }

  show(visit: Visit): void {
    this.visit = visit;
    if (this.dialog) this.fill();
  }

  async open(): Promise<void> {
    if (this.dialog) return;
    if (this.host) await this.fetchLinks();
    const title = h("h2", { id: "people-title", tabindex: "-1" }, _("Who is in this visit"));
    const close = h("button", { type: "button", class: "button button-main", onclick: () => this.dialog?.close() }, _("Close"));
    const asking = this.host ? await this.asking() : null;
    const dialog = h("dialog", { class: "dialog people-dialog", "aria-labelledby": "people-title" }, h("div", { class: "stack" }, h("div", { class: "people-head" }, title, close), this.list, asking));
    this.dialog = dialog;
    this.fill();
    document.body.append(dialog);
    dialog.addEventListener("close", () => {
      dialog.remove();
      this.dialog = null;
    });
    dialog.showModal();
    title.focus();
  }

  private fill(): void {
    const focused = document.activeElement?.getAttribute("data-does");
    fill(this.list, ...(this.visit?.participants ?? []).map((person) => this.row(person)));
    if (focused && document.activeElement === document.body) this.list.querySelector<HTMLElement>(`[data-does="${focused}"]`)?.focus();
  }

  private row(person: Participant): HTMLElement {
    const you = person.account === this.me ? ` (${_("you")})` : "";
    const place = person.barred ? _("sent out for this visit") : person.state === "away" && !person.seated ? _("waiting, and not connected right now") : PLACES[person.state];
    const words = [roleWord(person.role), place].filter(Boolean).join(" · ");
    const more = this.host && [heldBack(person, this.visit?.group ?? false), panelWords(person)].filter(Boolean).join(" ");
    const said = h("p", null, h("strong", null, person.name + you), h("span", { class: "people-words small quiet" }, words), more && h("span", { class: "people-words small" }, more));
    return h("li", { class: "people-row", "data-person": person.account }, said, this.host && person.account !== this.me && h("div", { class: "row" }, ...this.actions(person)));
  }

  private actions(person: Participant): HTMLElement[] {
    const { account, name } = person;
    const does = (key: string, words: string, action: () => void): HTMLElement =>
      h("button", { type: "button", class: "button", "data-does": `${key} ${account}`, onclick: action }, words, h("span", { class: "unseen" }, ` ${name}`));
    const found: HTMLElement[] = [];
    const link = this.links.get(account);
    if (link) found.push(does("copy", _("Copy the link"), () => void copy(link)));
    if (!person.host && person.barred) found.push(does("let-back", _("Let them ask again"), () => void this.say({ type: "let_back", participant: account })));
    if (!person.host && person.state === "waiting" && !heldBack(person, this.visit?.group ?? false)) found.push(does("admit", _("Admit"), () => void this.say({ type: "admit", participant: account })));
    if (!person.host && person.seated) found.push(does("back", _("Back to the waiting room"), () => void this.say({ type: "send_back", participant: account })));
    found.push(...this.showing(person, does));
    if (link) found.push(does("withdraw", _("End the invitation"), () => void this.withdraw(person)));
    else if (!person.host && !person.barred && person.state !== "expected") found.push(does("remove", _("Send out"), () => void this.remove(person)));
    return found;
  }

  /** Asking the patient whether an interpreter or supporter may see what is shown beside the video; ending it. */
  private showing(person: Participant, does: (key: string, words: string, action: () => void) => HTMLElement): HTMLElement[] {
    if (!maySeePanels(person.role) || this.visit?.group) return [];
    const say = (shown: boolean) => (): void => void this.say({ type: "panels", participant: person.account, shown });
    if (person.panels === "given") return [does("hide", _("Stop showing them the panels"), say(false))];
    if (person.panels === "asked") return [does("hide", _("Do not ask any more"), say(false))];
    return person.state === "inside" ? [does("show", _("Ask to show them the panels"), say(true))] : [];
  }

  private async remove(person: Participant): Promise<void> {
    const sure = await ask({ title: _("Send {name} out?", { name: person.name }), text: _("They see and hear nothing from now on, and their link does not bring them back in this visit. You can let them ask again here."), confirm: _("Send out"), decline: _("Keep"), grave: true });
    if (sure) this.say({ type: "remove", participant: person.account });
  }

  private async withdraw(person: Participant): Promise<void> {
    const sure = await ask({ title: _("End the invitation of {name}?", { name: person.name }), text: _("The link opens nothing any more. If they are in the room, they are out at once."), confirm: _("End it"), decline: _("Keep"), grave: true });
    if (!sure) return;
    try {
      await api.delete(`/api/v1/visits/${this.id}/guests/${person.account}`);
      await this.fetchLinks();
      this.fill();
    } catch (problem) {
      toastProblem(problem);
    }
  }

  private async fetchLinks(): Promise<void> {
    const found = await api.get<ItemPage<Invited>>(`/api/v1/visits/${this.id}/guests`).catch(() => null);
    if (found) this.links = new Map(found.items.map((one) => [one.account, location.origin + one.url]));
  }

  private async asking(): Promise<HTMLElement> {
    const found = this.visit?.group ? null : await api.get<ItemPage<Colleague>>(`/api/v1/visits/${this.id}/colleagues`).catch(() => null);
    return h("div", { class: "stack" }, this.invitation(), found?.items.length ? this.calling(found.items) : null);
  }

  private invitation(): HTMLElement {
    const name = h("input", { id: "guest-name", required: true, maxlength: 80, autocomplete: "off" });
    const roles = (["interpreter", "supporter", "student"] as const).map((role) => h("option", { value: role }, roleWord(role)));
    const role = h("select", { id: "guest-role" }, ...roles);
    const said = h("div", { class: "small stack stack-close", role: "status" });
    const form = h(
      "form",
      { class: "stack stack-close", "data-invite": "" },
      h("h3", { class: "small" }, _("Invite somebody by link")),
      h("div", { class: "field" }, h("label", { for: "guest-name" }, _("Name, as everybody sees it")), name),
      h("div", { class: "field" }, h("label", { for: "guest-role" }, _("They are here as")), role),
      h("p", { class: "hint" }, this.visit?.group ? _("The link is for one person and this session, and ends with it. A student or a supporter comes in once everybody in the room has said yes.") : _("The link is for one person and this visit, and ends with it. A student comes in once the patient has said yes.")),
      h("div", { class: "row" }, h("button", { class: "button" }, icon("user-plus"), _("Make the link"))),
      said,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.invite(name, role, said);
    });
    return form;
  }

  private async invite(name: HTMLInputElement, role: HTMLSelectElement, said: HTMLElement): Promise<void> {
    try {
      const made = await api.post<Invited>(`/api/v1/visits/${this.id}/guests`, { name: name.value, role: role.value });
      this.links.set(made.account, location.origin + made.url);
      name.value = "";
      const link = location.origin + made.url;
      fill(said, h("p", null, _("The link for {name}. Send it to them alone:", { name: made.name })), h("p", null, h("code", { class: "link-made", "data-made": "" }, link)), h("div", { class: "row" }, h("button", { type: "button", class: "button", onclick: () => void copy(link) }, icon("copy"), _("Copy the link"))));
      this.fill();
    } catch (problem) {
      toastProblem(problem);
    }
  }

  private calling(colleagues: readonly Colleague[]): HTMLElement {
    const choice = h("select", { id: "colleague" }, ...colleagues.map((one) => h("option", { value: one.account }, one.name)));
    const form = h(
      "form",
      { class: "stack stack-close", "data-call-in": "" },
      h("h3", { class: "small" }, _("Call a colleague in")),
      h("div", { class: "field" }, h("label", { for: "colleague" }, _("From the care team")), choice),
      h("p", { class: "hint" }, _("They can stay when you leave: the visit goes on, and nobody needs a new link.")),
      h("div", { class: "row" }, h("button", { class: "button" }, icon("users"), _("Call in"))),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.callIn(choice, form);
    });
    return form;
  }

  private async callIn(choice: HTMLSelectElement, form: HTMLElement): Promise<void> {
    try {
      await api.post(`/api/v1/visits/${this.id}/colleagues`, { practitioner: choice.value });
      announce(_("{name} is asked to join.", { name: choice.selectedOptions[0]?.textContent ?? "" }), true);
      form.remove();
    } catch (problem) {
      toastProblem(problem);
    }
  }
}

function panelWords({ panels }: Participant): string {
  if (panels === "asked") return _("The patient is asked whether they may see what is shown.");
  if (panels === "given") return _("Sees what is shown of report and plan.");
  return panels === "refused" ? _("The patient would rather not show them anything.") : "";
}

async function copy(link: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(link);
    toast(_("The link is copied."));
  } catch {
    toast(link);
  }
}
