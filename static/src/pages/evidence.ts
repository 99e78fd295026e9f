/** One row of the evidence base: proposing another version, signing it, sending it back. The page is drawn anew after. */
import { toastProblem } from "../lib/announce";
import { api } from "../lib/api";
import { ask } from "../lib/dialog";
import { h, maybe, one } from "../lib/dom";
import { _ } from "../lib/words";
import { field, openForm, select } from "../plan/form";

interface Row {
  readonly [name: string]: unknown;
  readonly id: string;
  readonly version: number;
  readonly certainty: string;
  readonly checked: string;
  readonly points: readonly string[];
  readonly kinds: readonly string[];
  readonly gates: readonly string[];
  readonly beside: readonly string[];
  readonly restricts: boolean;
  readonly taxa: readonly string[];
}

interface Choices {
  readonly row: Row;
  readonly kinds: Readonly<Record<string, string>>;
  readonly certainties: Readonly<Record<string, string>>;
  readonly gates: readonly string[];
  readonly rows: readonly string[];
  readonly abouts: Readonly<Record<string, string>>;
}

const PROPOSALS = "/api/v1/evidence/proposals";

function text(row: Row, name: string, rows = 2): HTMLTextAreaElement {
  return h("textarea", { rows, maxlength: 1000, value: String(row[name] ?? "") });
}

interface Several {
  readonly element: HTMLElement;
  readonly value: () => string[];
}

const lines = (control: HTMLTextAreaElement): string[] =>
  control.value
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

/** A group of checkboxes. */
function several(legend: string, name: string, choices: Readonly<Record<string, string>>, chosen: readonly string[]): Several {
  const boxes = Object.entries(choices).map(([value, words]) => {
    const input = h("input", { type: "checkbox", value });
    input.checked = chosen.includes(value);
    return { input, label: h("label", { class: "choice" }, input, h("span", null, words)) };
  });
  const wrong = h("p", { class: "wrong", "data-wrong": name, hidden: true });
  const element = h("fieldset", { class: "stack stack-close" }, h("legend", { class: "label" }, legend), ...boxes.map((box) => box.label), wrong);
  return { element, value: () => boxes.filter((box) => box.input.checked).map((box) => box.input.value) };
}

const named = (names: readonly string[]): Record<string, string> => Object.fromEntries(names.map((name) => [name, name]));

/** Another version of a row; version 0: a row that is not there yet. */
async function propose(choices: Choices): Promise<boolean> {
  const { row } = choices;
  const fresh = row.version === 0;
  const id = h("input", { type: "text", maxlength: 40, required: fresh, value: row.id, spellcheck: false });
  const about = select(choices.abouts, String(row["about"]));
  const taxa = h("textarea", { rows: 2, value: row.taxa.join("\n") });
  const why = h("textarea", { rows: 2, maxlength: 1000, required: true });
  const words: Record<string, HTMLTextAreaElement> = {};
  const labels: readonly (readonly [string, string])[] = [
    ["intervention", _("What was done")],
    ["design", _("How it was found out")],
    ["population", _("In whom")],
    ["comparator", _("Against what")],
    ["outcome", _("What was measured")],
    ["effect", _("Found, with its interval")],
    ["may_say", _("May say: the sentence that patients read")],
    ["must_not_say", _("Must not say")],
    ["source", _("Source, with its DOI")],
  ];
  for (const [name] of labels) words[name] = text(row, name);
  const points = h("textarea", { rows: 3, value: row.points.join("\n") });
  const certainty = select(choices.certainties, row.certainty);
  const checked = h("input", { type: "date", value: row.checked, required: true });
  const kinds = several(_("Steps that may cite it"), "kinds", choices.kinds, row.kinds);
  const gates = several(_("Safety questions besides those of the kind of step"), "gates", named(choices.gates), row.gates);
  const beside = several(_("Always shown beside it"), "beside", named(choices.rows), row.beside);
  const care = fresh || row["about"] === "care";
  const seen = fresh || row["about"] === "association";
  return openForm({
    title: fresh ? _("Propose a new row") : _("Propose a version after {n}", { n: row.version }),
    confirm: _("Propose it"),
    content: [
      fresh ? field("id", _("Its name, for ever"), id, _("Capital letters, figures and hyphens, such as DIET-OATS.")).element : null,
      fresh ? field("about", _("Part of the library"), about).element : null,
      field("why", _("Why, for who reviews it"), why, fresh ? "" : _("Leave the rest as it is to have the row confirmed.")).element,
      ...labels.map(([name, label]) => field(name, label, words[name] as HTMLTextAreaElement).element),
      field("points", _("Further sentences, one a line"), points).element,
      field("certainty", _("How sure"), certainty).element,
      field("checked", _("Checked on"), checked).element,
      seen ? field("taxa", _("Genera that an association is about, one a line"), taxa).element : null,
      care ? kinds.element : null,
      care ? gates.element : null,
      beside.element,
    ],
    send: async () => {
      await api.post(PROPOSALS, {
        row: fresh ? id.value : row.id,
        based_on: fresh ? null : row.version,
        why: why.value,
        about: about.value,
        taxa: lines(taxa),
        restricts: row.restricts,
        certainty: certainty.value,
        checked: checked.value,
        points: lines(points),
        kinds: kinds.value(),
        gates: gates.value(),
        beside: beside.value(),
        ...Object.fromEntries(Object.entries(words).map(([name, control]) => [name, control.value])),
      });
    },
  });
}

async function sign(id: string): Promise<boolean> {
  const profession = h("input", { type: "text", maxlength: 80, required: true, autocomplete: "organization-title" });
  return openForm({
    title: _("Sign this version"),
    confirm: _("Sign it"),
    content: [h("p", null, _("You answer for it with your name and profession. New steps and pages use it at once; steps that were agreed on keep theirs.")), field("profession", _("Your profession"), profession, _("Such as: dietitian")).element],
    send: async () => {
      await api.post(`${PROPOSALS}/${id}/sign`, { profession: profession.value });
    },
  });
}

async function sendBack(id: string): Promise<boolean> {
  const reason = h("textarea", { rows: 3, maxlength: 1000, required: true });
  return openForm({
    title: _("Send it back"),
    confirm: _("Send it back"),
    content: [field("reason", _("Why"), reason).element],
    send: async () => {
      await api.post(`${PROPOSALS}/${id}/send-back`, { reason: reason.value });
    },
  });
}

async function withdraw(id: string): Promise<boolean> {
  if (!(await ask({ title: _("Take your proposal back?"), text: _("It stays in the list of versions that were not signed."), confirm: _("Take it back") }))) return false;
  try {
    await api.post(`${PROPOSALS}/${id}/withdraw`, {});
    return true;
  } catch (problem) {
    toastProblem(problem);
    return false;
  }
}

const choices = JSON.parse(one("#row-form").textContent ?? "{}") as Choices;
const proposal = maybe("[data-proposal]")?.dataset["proposal"] ?? "";
const acts: Readonly<Record<string, () => Promise<boolean>>> = {
  propose: () => propose(choices),
  sign: () => sign(proposal),
  "send-back": () => sendBack(proposal),
  withdraw: () => withdraw(proposal),
};

document.addEventListener("click", (event) => {
  const act = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-row] [data-act]")?.dataset["act"] : undefined;
  if (act) void acts[act]?.().then((done) => done && location.reload());
});
