/** Booking from the board: a free time by the rules, or another one by a decision that is explained and signed. */
import { announce, toast } from "../lib/announce";
import { Problem, api } from "../lib/api";
import { fill, h, icon, one } from "../lib/dom";
import { inBothZones } from "../lib/time";
import { _ } from "../lib/words";
import { type PatientField, patientField } from "./patients";

export interface Place {
  readonly service: string;
  readonly practitioners: readonly string[];
  readonly start: string;
}

interface Explained {
  readonly offered: boolean;
  readonly reasons: readonly string[];
  readonly texts: readonly string[];
}

let opened = 0;

/** A dialog whose form stays until it has done what it is for. Resolves to whether it was booked. */
function bookingDialog(title: string, fields: readonly HTMLElement[], patients: PatientField, place: () => Place | null): Promise<boolean> {
  opened += 1;
  const id = `booking-${opened}`;
  const wrong = h("p", { class: "wrong", role: "alert", hidden: true });
  const against = h("div", { class: "stack stack-close", hidden: true });
  const submit = h("button", { class: "button button-main", type: "submit" }, _("Book"));
  const leave = h("button", { class: "button", type: "button", onclick: () => dialog.close() }, _("Not now"));
  const form = h("form", { class: "stack", novalidate: true }, h("h2", { id }, title), ...fields, patients.element, reasonField(), against, wrong, h("div", { class: "row row-end" }, leave, submit));
  const dialog = h("dialog", { class: "dialog", "aria-labelledby": id }, form);
  let decided: readonly string[] | null = null;

  const say = (text: string): void => {
    fill(wrong, text && icon("circle-alert"), text && h("span", null, text));
    wrong.hidden = !text;
  };
  const forget = (): void => {
    decided = null;
    against.hidden = true;
    submit.textContent = _("Book");
  };
  form.addEventListener("change", (event) => event.target instanceof HTMLElement && !against.contains(event.target) && forget());

  /** What speaks against it is shown first; the second press of the button, with a reason, decides. */
  const tryBook = async (): Promise<void> => {
    const [where, patient] = [place(), patients.chosen()];
    if (!patient) {
      patients.complain(_("Choose the patient from the list."));
      return patients.focus();
    }
    if (!where) return say(_("Choose a time and with whom."));
    const why = decided ? one<HTMLTextAreaElement>("#booking-why", against).value.trim() : "";
    if (decided && !why) return say(_("Write why it is booked all the same."));
    if (!decided && (await speaksAgainst(where, patient.id))) return;
    const override = decided ? { override: { reasons: decided, why } } : {};
    const reason = one<HTMLTextAreaElement>("#booking-reason", form).value.trim();
    await api.post("/api/v1/appointments", { ...where, patient: patient.id, ...(reason ? { reason } : {}), ...override });
    dialog.close("booked");
    toast(_("Booked: {name}, {when}.", { name: patient.name, when: inBothZones(where.start, patient.zone) }));
  };

  const speaksAgainst = async (where: Place, patient: string): Promise<boolean> => {
    const query = { service: where.service, practitioner: [...where.practitioners], start: where.start, patient };
    const found = await api.get<Explained>("/api/v1/slots/explain", { query });
    if (found.offered) return false;
    decided = found.reasons;
    const why = h("textarea", { class: "input", id: "booking-why", rows: 2, maxlength: 500, required: true });
    fill(against, h("p", null, h("strong", null, _("This speaks against it:"))), h("ul", null, ...found.texts.map((text) => h("li", null, text))), h("div", { class: "field" }, h("label", { for: "booking-why" }, _("Why all the same? (kept with your name)")), why));
    against.hidden = false;
    submit.textContent = _("Book all the same");
    announce(_("This speaks against it: {reasons}", { reasons: found.texts.join(" ") }));
    why.focus();
    return true;
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    say("");
    submit.disabled = true;
    void tryBook()
      .catch((problem: unknown) => say(problem instanceof Problem ? [problem.message, ...problem.errors.map((error) => error.message)].join(" ") : _("That did not work. Nothing is booked.")))
      .finally(() => (submit.disabled = false));
  });
  document.body.append(dialog);
  dialog.showModal();
  patients.focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "booked");
    });
  });
}

function reasonField(): HTMLElement {
  return h("div", { class: "field" }, h("label", { for: "booking-reason" }, _("Reason (if you like; only the patient and their care team read it)")), h("textarea", { class: "input", id: "booking-reason", rows: 2, maxlength: 2000 }));
}

/** Books a free time. */
export function bookFree(place: Place, title: string): Promise<boolean> {
  return bookingDialog(title, [], patientField(), () => place);
}

/** Books a time that is not offered, if whoever arranges it decides so. */
export function bookOther(title: string, service: string, people: readonly { id: string; name: string }[], starts: readonly { text: string; start: string }[]): Promise<boolean> {
  const time = h("select", { id: "booking-time" }, ...starts.map((each) => h("option", { value: each.start }, each.text)));
  const boxes = people.map((each) => h("input", { type: "checkbox", name: "with", value: each.id }));
  const whom = h("fieldset", { class: "stack stack-close" }, h("legend", { class: "label" }, _("With")), ...people.map((each, place) => h("label", { class: "choice" }, boxes[place] ?? null, h("span", null, each.name))));
  const when = h("div", { class: "field" }, h("label", { for: "booking-time" }, _("Time")), time);
  return bookingDialog(title, [when, whom], patientField(), () => {
    const practitioners = boxes.filter((box) => box.checked).map((box) => box.value);
    return practitioners.length && time.value ? { service, practitioners, start: time.value } : null;
  });
}
