/** Tests: ordering one, the form before the sample, the day it was taken. The page is drawn anew after. */
import { announce, toastProblem } from "../lib/announce";
import { Problem, api } from "../lib/api";
import { ask } from "../lib/dialog";
import { all, fill, h, icon, maybe, one } from "../lib/dom";
import { _ } from "../lib/words";
import { field, openForm, select } from "../plan/form";

interface Facts {
  readonly id?: string;
  readonly version?: number;
  readonly patient?: string;
  readonly protocols?: Readonly<Record<string, string>>;
  readonly professions?: Readonly<Record<string, string>>;
}

interface Order {
  readonly id: string;
  readonly version: number;
  readonly state: string;
  readonly open: readonly string[];
}

const facts = JSON.parse(one("#order-facts").textContent ?? "{}") as Facts;
const PATH = `/api/v1/test-orders/${facts.id ?? ""}`;
const NUMBERS = new Set(["age", "bmi", "stool_form"]);

async function order(patient: string): Promise<void> {
  const protocols = facts.protocols ?? {};
  const [first] = Object.keys(protocols);
  if (!first) {
    await ask({ title: _("No protocol yet"), text: _("A test is taken by one of the clinic’s protocols. Make one under “How samples are taken” first."), confirm: _("Take me there") }).then((yes) => yes && location.assign("/protocols"));
    return;
  }
  const reason = h("textarea", { rows: 3, maxlength: 500, required: true });
  const protocol = select(protocols, first);
  const profession = select(facts.professions ?? {}, "nutritionist");
  let made: Order | null = null;
  await openForm({
    title: _("Order a test"),
    confirm: _("Order it"),
    content: [
      field("reason", _("Which question should the result answer?"), reason, _("The patient reads it. If no answer would change what you do, do not test.")).element,
      field("protocol", _("How the sample is taken"), protocol).element,
      field("profession", _("Your profession"), profession).element,
    ],
    send: async () => {
      made = await api.post<Order>(`/api/v1/patients/${patient}/test-orders`, { reason: reason.value, protocol: protocol.value, profession: profession.value });
    },
  });
  if (made) location.assign(`/test-orders/${(made as Order).id}`);
}

function values(form: HTMLFormElement): Record<string, unknown> {
  const said: Record<string, unknown> = {};
  for (const control of all<HTMLInputElement>("input", form)) {
    if (control.type === "checkbox") said[control.name] = control.checked;
    else if (control.value.trim()) said[control.name] = NUMBERS.has(control.name) ? Number(control.value) : control.value.trim();
  }
  return said;
}

function show(form: HTMLFormElement, problem: unknown): void {
  if (!(problem instanceof Problem) || !problem.errors.length) return toastProblem(problem);
  for (const error of problem.errors) {
    const place = maybe(`[data-wrong="${CSS.escape(error.field)}"]`, form);
    if (!place) return toastProblem(problem);
    fill(place, icon("circle-alert"), h("span", null, error.message));
    place.hidden = false;
    const control = maybe<HTMLInputElement>(`[name="${CSS.escape(error.field)}"]`, form);
    control?.setAttribute("aria-invalid", "true");
    control?.focus();
  }
  announce(problem.message, true);
}

/** Sends what *form* says and draws the page anew. */
function sends(selector: string, send: (said: Record<string, unknown>) => Promise<Order>): void {
  const form = maybe<HTMLFormElement>(selector);
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    for (const place of all("[data-wrong]", form)) place.hidden = true;
    for (const control of all("[aria-invalid]", form)) control.removeAttribute("aria-invalid");
    send(values(form))
      .then(() => location.reload())
      .catch((problem: unknown) => show(form, problem));
  });
}

const version = facts.version ?? 0;
sends("[data-details]", (said) => api.put<Order>(`${PATH}/details`, { ...said, version }));
sends("[data-taken]", (said) => api.post<Order>(`${PATH}/taken`, { ...said, version }));
maybe("[data-order]")?.addEventListener("click", () => void order(facts.patient ?? ""));
maybe("[data-cancel]")?.addEventListener("click", () => {
  void ask({ title: _("Cancel this test?"), text: _("No sample is taken. What was written stays in the record."), confirm: _("Cancel the test") }).then((yes) => {
    if (yes) api.post(`${PATH}/cancellation`, { version }).then(() => location.reload(), toastProblem);
  });
});
