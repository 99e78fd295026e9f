/** Protocols: a new one, the next version of one, and results on quality material. The page is drawn anew after. */
import { toastProblem } from "../lib/announce";
import { api } from "../lib/api";
import { ask } from "../lib/dialog";
import { all, h, maybe, one } from "../lib/dom";
import { _ } from "../lib/words";
import { field, openForm } from "../plan/form";

interface Stated {
  readonly name: string;
  readonly label: string;
  readonly needed: boolean;
}

interface Protocol {
  readonly id: string;
  readonly version: number;
  readonly name: string;
  readonly states: Readonly<Record<string, string>>;
  readonly instructions: string;
  readonly retest_months: number;
  readonly group: string | null;
  readonly offered: boolean;
}

interface Facts {
  readonly fields: readonly Stated[];
  readonly fewest_months: number;
  readonly now: Protocol | null;
}

const PATH = "/api/v1/protocols";
const facts = JSON.parse(one("#protocol-facts").textContent ?? "{}") as Facts;

/** The form of a protocol, filled with how it is *now*. Resolves to the protocol that came of it. */
async function edit(now: Protocol | null): Promise<string | null> {
  const name = h("input", { value: now?.name ?? "", maxlength: 200, required: true });
  const states = facts.fields.map((one) => ({ ...one, input: h("input", { value: now?.states[one.name] ?? "", maxlength: 500, autocomplete: "off" }) }));
  const instructions = h("textarea", { rows: 4, maxlength: 4000, value: now?.instructions ?? "" });
  const months = h("input", { type: "number", min: facts.fewest_months, max: 60, value: String(now?.retest_months ?? facts.fewest_months) });
  const offered = h("input", { type: "checkbox" });
  offered.checked = now?.offered ?? true;
  const wrong = h("p", { class: "wrong", "data-wrong": "states", hidden: true });
  let made: Protocol | null = null;
  await openForm({
    title: now ? _("The next version") : _("New protocol"),
    confirm: now ? _("Store it as version {n}", { n: now.version + 1 }) : _("Make it"),
    content: [
      field("name", _("What it is called"), name).element,
      h("p", { class: "quiet small" }, _("If nobody knows one of the needed fields, write: not stated by the lab.")),
      ...states.map((one) => field(`states-${one.name}`, one.needed ? one.label : `${one.label} ${_("(if known)")}`, one.input).element),
      wrong,
      field("instructions", _("For the patient: how the sample is taken"), instructions, _("In plain words, one line for each thing to do.")).element,
      field("retest_months", _("Soonest second sample, in months"), months, _("Sooner, nothing could be told from what changes by itself.")).element,
      now && h("label", { class: "choice" }, offered, h("span", null, _("New samples are taken by it"))),
    ],
    send: async () => {
      const body = {
        name: name.value,
        states: Object.fromEntries(states.filter((one) => one.input.value.trim()).map((one) => [one.name, one.input.value])),
        instructions: instructions.value,
        retest_months: Number(months.value),
        group: now?.group ?? null,
      };
      made = now ? await api.post<Protocol>(`${PATH}/${now.id}/versions`, { ...body, version: now.version, offered: offered.checked }) : await api.post<Protocol>(PATH, body);
    },
  });
  return (made as Protocol | null)?.id ?? null;
}

async function measure(protocol: string): Promise<boolean> {
  const material = h("input", { maxlength: 200, required: true, placeholder: "NIST RM 8048" });
  const lot = h("input", { maxlength: 200 });
  const day = h("input", { type: "date", required: true });
  const sample = h("input", { maxlength: 2000 });
  const file = h("input", { type: "file", required: true });
  return openForm({
    title: _("A result on quality material"),
    confirm: _("Read and keep it"),
    content: [
      field("material", _("Material"), material).element,
      field("lot", _("Lot"), lot).element,
      field("measured_on", _("Measured on"), day).element,
      field("file", _("The laboratory’s file"), file).element,
      field("sample", _("Which sample, when the file holds several"), sample).element,
    ],
    send: async () => {
      const body = new FormData();
      const said = { material: material.value, lot: lot.value, measured_on: day.value, ...(sample.value ? { sample: sample.value } : {}) };
      body.append("measurement", JSON.stringify(said));
      const [chosen] = file.files ?? [];
      if (chosen) body.append("file", chosen);
      await api.post(`${PATH}/${protocol}/quality-results`, body);
    },
  });
}

maybe("[data-new]")?.addEventListener("click", () => void edit(null).then((id) => id && location.assign(`/protocols/${id}`)));
const { now } = facts;
if (now) {
  maybe("[data-change]")?.addEventListener("click", () => void edit(now).then((id) => id && location.reload()));
  maybe("[data-measure]")?.addEventListener("click", () => void measure(now.id).then((done) => done && location.reload()));
  for (const button of all("[data-withdraw]")) {
    button.addEventListener("click", () => void withdraw(now.id, button.dataset["withdraw"] ?? ""));
  }
}

async function withdraw(protocol: string, result: string): Promise<void> {
  if (!(await ask({ title: _("Withdraw this result?"), text: _("It is shown no more. That it was there stays in the record."), confirm: _("Withdraw it") }))) return;
  try {
    await api.delete(`${PATH}/${protocol}/quality-results/${result}`);
    location.reload();
  } catch (problem) {
    toastProblem(problem);
  }
}
