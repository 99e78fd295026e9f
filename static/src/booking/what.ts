/**
 * What for and with whom: by reason, by kind of visit, by person; in a language; or what the care team suggested.
 *
 * Each way ends with a kind of visit and nobody or somebody by name; the earliest times stand there at once.
 */
import { type ItemPage, api } from "../lib/api";
import { fill, h, icon, one } from "../lib/dom";
import { date } from "../lib/time";
import { _ } from "../lib/words";
import { names } from "../scheduling/details";
import { type Practitioner, type Service, type Slot, roleName } from "../scheduling/types";
import { choice, facts } from "./facts";
import { type First, firstButton, showFirst } from "./first";

interface Topic {
  readonly id: string;
  readonly name: string;
  readonly services: readonly string[];
}

interface FollowUp {
  readonly id: string;
  readonly service: string;
  readonly service_name: string;
  readonly practitioners: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly open: boolean;
}

interface Patient {
  readonly id: string;
  readonly name: string;
}

type Way = "reason" | "kind" | "person";

export class What {
  private topics: readonly Topic[] = [];
  private way: Way = "kind";

  constructor(
    private readonly root: HTMLElement,
    private readonly take: (slot: Slot) => void,
    private readonly look: () => void,
    private readonly trouble: (problem: unknown) => void,
  ) {}

  async open(): Promise<void> {
    this.showServices(offered());
    this.showPeople();
    await Promise.all([this.findTopics(), this.findPatients()]);
    await this.suggest();
  }

  // --- by what

  private async findTopics(): Promise<void> {
    this.topics = (await api.get<ItemPage<Topic>>("/api/v1/topics")).items.filter((topic) => topic.services.some((id) => offered().some((each) => each.id === id)));
    if (this.topics.length && !choice.service) this.way = "reason";
    if (choice.topic) this.way = "reason";
    this.showWays();
    this.showWay();
  }

  private showWays(): void {
    const ways: [Way, string][] = [
      ["kind", _("Kind of visit")],
      ["person", _("Person")],
    ];
    if (this.topics.length) ways.unshift(["reason", _("Reason")]);
    const place = one<HTMLFieldSetElement>("[data-ways]", this.root);
    const legend = one("legend", place);
    fill(
      place,
      legend,
      ...ways.map(([way, text]) => {
        const input = h("input", { type: "radio", name: "way", value: way, checked: way === this.way });
        input.addEventListener("change", () => {
          this.way = way;
          this.showWay();
        });
        return h("label", null, input, h("span", null, text));
      }),
    );
    place.hidden = false;
  }

  private showWay(): void {
    if (this.way === "reason") this.showTopics();
    else if (this.way === "person") this.showPersons();
    else this.showServices(offered());
    this.showPeople();
  }

  private list(rows: readonly HTMLElement[]): void {
    const list = one("[data-services]", this.root);
    if (rows.length) fill(list, ...rows);
    else fill(list, h("li", { class: "quiet" }, _("There is nothing to book yet. Please write to us.")));
  }

  private row(name: string, id: string, chosen: boolean, title: string, line: string, choose: () => void): HTMLElement {
    const input = h("input", { type: "radio", name, value: id, checked: chosen });
    input.addEventListener("change", choose);
    return h("li", null, h("label", { class: "choice" }, input, h("span", null, h("span", { class: "list-title" }, title), line && h("br"), line && h("span", { class: "quiet" }, line))));
  }

  private showServices(services: readonly Service[]): void {
    this.list(services.map((service) => this.row("service", service.id, choice.service === service, service.name, needs(service), () => this.choose(service))));
  }

  private showTopics(): void {
    this.list(
      this.topics.map((topic) =>
        this.row("topic", topic.id, choice.topic === topic.id, topic.name, "", () => {
          choice.topic = topic.id;
          this.choose(offered().find((each) => topic.services.includes(each.id)) ?? null);
        }),
      ),
    );
  }

  private showPersons(): void {
    const people = facts.practitioners.filter((each) => kindsOf(each).length);
    this.list(
      people.map((person) =>
        this.row("person", person.id, choice.practitioners[0] === person.id, person.name, [roleName(person.role, _), spoken(person)].filter(Boolean).join(" · "), () => {
          choice.topic = "";
          const service = choice.service && kindsOf(person).includes(choice.service) ? choice.service : (kindsOf(person)[0] ?? null);
          this.choose(service, [person.id]);
        }),
      ),
    );
  }

  private choose(service: Service | null, people: readonly string[] = []): void {
    if (this.way !== "reason") choice.topic = "";
    choice.service = service;
    choice.practitioners = people;
    choice.day = "";
    this.showPeople();
  }

  // --- with whom

  /** For a visit with one practitioner: who is free first, or one by name. A joint visit takes whoever of each role is free together. */
  private showPeople(): void {
    const service = choice.service;
    const open = service !== null && (this.way !== "person" || choice.practitioners.length > 0);
    one("[data-people]", this.root).hidden = !open;
    if (!service || !open) return;
    this.showLanguages(service);
    this.showTopicKinds();
    this.showInterpreters();
    const title = one("#book-people", this.root);
    const place = one("[data-choices]", this.root);
    if (this.way === "person") this.showKinds(place, title);
    else this.showNames(service, place, title);
    showFirst(one("[data-first]", this.root), this.take).catch(this.trouble);
  }

  private showNames(service: Service, place: HTMLElement, title: HTMLElement): void {
    title.textContent = _("With whom?");
    const people = service.needs.length > 1 ? [] : facts.practitioners.filter((each) => each.services.includes(service.id) && speaks(each));
    if (!people.some((each) => choice.practitioners.includes(each.id))) choice.practitioners = [];
    const choices: [string, string, string][] = [["", service.needs.length > 1 ? _("Whoever is free together") : _("Whoever is free first"), ""]];
    for (const each of people) choices.push([each.id, each.name, [roleName(each.role, _), spoken(each)].filter(Boolean).join(" · ")]);
    const mine = choice.practitioners[0] ?? "";
    fill(place, ...choices.map(([id, name, line]) => this.segment("practitioner", id, id === mine, name, line, () => (choice.practitioners = id ? [id] : []))));
  }

  /** A reason may be a reason for several kinds of visit. */
  private showTopicKinds(): void {
    const place = one<HTMLFieldSetElement>("[data-kinds]", this.root);
    const topic = this.way === "reason" ? this.topics.find((each) => each.id === choice.topic) : undefined;
    const kinds = offered().filter((each) => topic?.services.includes(each.id));
    place.hidden = kinds.length < 2;
    const legend = one("legend", place);
    fill(
      place,
      legend,
      ...kinds.map((service) => {
        const input = h("input", { type: "radio", name: "topic-kind", value: service.id, checked: service === choice.service });
        input.addEventListener("change", () => {
          this.choose(service);
          one<HTMLInputElement>(`[data-kinds] input[value="${service.id}"]`, this.root).focus();
        });
        return h("label", null, input, h("span", null, h("strong", null, service.name), h("span", { class: "quiet small" }, needs(service))));
      }),
    );
  }

  private showKinds(place: HTMLElement, title: HTMLElement): void {
    const person = facts.practitioners.find((each) => each.id === choice.practitioners[0]);
    title.textContent = _("What for?");
    fill(place, ...(person ? kindsOf(person) : []).map((service) => this.segment("kind", service.id, service === choice.service, service.name, needs(service), () => (choice.service = service))));
  }

  private segment(name: string, value: string, checked: boolean, title: string, line: string, choose: () => void): HTMLElement {
    const input = h("input", { type: "radio", name, value, checked });
    input.addEventListener("change", () => {
      choose();
      choice.day = "";
      showFirst(one("[data-first]", this.root), this.take).catch(this.trouble);
    });
    return h("label", null, input, h("span", null, h("strong", null, title), line && h("span", { class: "quiet small" }, line)));
  }

  private showLanguages(service: Service): void {
    const people = facts.practitioners.filter((each) => each.services.includes(service.id));
    const languages = [...new Set(people.flatMap((each) => (each.languages ?? []).map(plain)))].sort();
    const field = one("[data-language-field]", this.root);
    field.hidden = languages.length < 2 || this.way === "person";
    if (!languages.includes(choice.language)) choice.language = "";
    const select = one<HTMLSelectElement>("select", field);
    fill(select, h("option", { value: "" }, _("Any language")), ...languages.map((each) => h("option", { value: each, selected: each === choice.language }, languageName(each))));
    select.onchange = () => {
      choice.language = select.value;
      this.showPeople();
    };
  }

  private showInterpreters(): void {
    const field = one("[data-interpreter-field]", this.root);
    field.hidden = !facts.translated.length;
    const select = one<HTMLSelectElement>("select", field);
    fill(select, h("option", { value: "" }, _("No, thank you")), ...facts.translated.map((each) => h("option", { value: each, selected: each === choice.interpreter }, languageName(each))));
    select.onchange = () => {
      choice.interpreter = select.value;
      choice.day = "";
      showFirst(one("[data-first]", this.root), this.take).catch(this.trouble);
    };
  }

  // --- for whom, and what was suggested

  /** Staff and guardians say for whom. */
  private async findPatients(): Promise<void> {
    if (!facts.for_others) {
      choice.patient ??= document.documentElement.dataset["account"] ?? null;
      return;
    }
    const patients = (await api.get<ItemPage<Patient>>("/api/v1/patients")).items;
    choice.patient ??= patients[0]?.id ?? null;
    const select = one<HTMLSelectElement>("#book-patient", this.root);
    fill(select, ...patients.map((each) => h("option", { value: each.id, selected: each.id === choice.patient }, each.name)));
    select.onchange = () => {
      choice.patient = select.value;
      this.showPeople();
      this.suggest().catch(this.trouble);
    };
    one("[data-patients]", this.root).hidden = false;
  }

  private async suggest(): Promise<void> {
    const place = one("[data-suggested]", this.root);
    place.hidden = true;
    const patient = choice.patient;
    if (!patient) return;
    const open = (await api.get<ItemPage<FollowUp>>(`/api/v1/patients/${patient}/follow-ups`)).items.filter((each) => each.open && offered().some((service) => service.id === each.service));
    if (!open.length || choice.patient !== patient) return;
    fill(place, ...open.map((each) => this.suggestion(patient, each)));
    place.hidden = false;
  }

  private suggestion(patient: string, next: FollowUp): HTMLElement {
    const who = names({ start: "", end: "", practitioners: next.practitioners }, facts.practitioners);
    const soonest = h("div", { class: "stack stack-close" });
    const all = h("button", { type: "button", class: "button button-wide" }, _("See all times"));
    all.addEventListener("click", () => {
      this.adopt(next);
      this.look();
    });
    api
      .get<First>(`/api/v1/patients/${patient}/follow-ups/${next.id}/first`)
      .then(({ first }) => {
        if (first)
          fill(
            soonest,
            firstButton(first, (slot) => {
              this.adopt(next);
              this.take(slot);
            }),
          );
      })
      .catch(this.trouble);
    return h(
      "section",
      { class: "card card-now stack stack-close", "data-follow-up": next.id },
      h("h2", { class: "row" }, icon("sprout"), h("span", null, _("The next step of your plan"))),
      h("p", null, _("{who} suggested: {what}, between {from} and {to}.", { who, what: next.service_name, from: date(next.from), to: date(next.to) })),
      soonest,
      all,
    );
  }

  private adopt(next: FollowUp): void {
    choice.service = offered().find((each) => each.id === next.service) ?? null;
    choice.practitioners = next.practitioners;
    choice.topic = "";
    choice.day = next.from.slice(0, 10);
  }
}

/** The kinds of visit for which there is somebody of each role. */
export function offered(): readonly Service[] {
  return facts.services.filter((service) => service.needs.every((role) => facts.practitioners.some((each) => each.role === role && each.services.includes(service.id))));
}

function kindsOf(person: Practitioner): readonly Service[] {
  return offered().filter((service) => person.services.includes(service.id) && service.needs.length === 1);
}

function needs(service: Service): string {
  const roles = service.needs.map((role) => roleName(role, _));
  return _("{minutes} minutes, with a {roles}", { minutes: service.duration_minutes, roles: roles.join(_(" and a ")) });
}

function plain(tag: string): string {
  return tag.split("-")[0] ?? tag;
}

function speaks(person: Practitioner): boolean {
  return !choice.language || (person.languages ?? []).some((tag) => plain(tag) === choice.language);
}

function languageName(tag: string): string {
  return new Intl.DisplayNames([document.documentElement.lang || "en"], { type: "language" }).of(tag) ?? tag;
}

function spoken(person: Practitioner): string {
  return (person.languages ?? []).map((tag) => languageName(plain(tag))).join(", ");
}
