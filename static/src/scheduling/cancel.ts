/** Asking before a visit is cancelled: what it means at this moment, why, and room for own words. */
import { toast, toastProblem } from "../lib/announce";
import { Problem, api } from "../lib/api";
import { ask } from "../lib/dialog";
import { h } from "../lib/dom";
import { _ } from "../lib/words";

/** What the server says of cancelling this visit now, to this person. */
interface Meaning {
  readonly text: string;
  readonly codes: readonly { readonly code: string; readonly text: string }[];
}

/** Cancels after a question; *title* asks and says which visit, *text* replaces what the server would say of it. Resolves to whether it is cancelled now. */
export async function cancelVisit(appointment: string, version: number, title: string, text = ""): Promise<boolean> {
  try {
    const meaning = await api.get<Meaning>(`/api/v1/appointments/${appointment}/cancellation`);
    const why = h("select", { id: "cancel-code" }, h("option", { value: "" }, _("I would rather not say")), ...meaning.codes.map(({ code, text }) => h("option", { value: code }, text)));
    const words = h("textarea", { class: "input", id: "cancel-reason", rows: 2, maxlength: 2000 });
    const fields = h(
      "div",
      { class: "stack" },
      h("div", { class: "field" }, h("label", { for: "cancel-code" }, _("Why?")), why),
      h("div", { class: "field" }, h("label", { for: "cancel-reason" }, _("In your own words (if you like; only the care team reads it)")), words),
    );
    const agreed = await ask({ title, text: text || meaning.text, confirm: _("Cancel the visit"), decline: _("Keep it"), grave: true, content: fields });
    if (!agreed) return false;
    await api.post(`/api/v1/appointments/${appointment}/cancel`, { reason: words.value, version, ...(why.value ? { code: why.value } : {}) });
    return true;
  } catch (problem) {
    if (problem instanceof Problem && problem.status === 409) {
      toast(_("This visit was changed a moment ago. Nothing was cancelled. Here it is as it is now."), "attention");
      setTimeout(() => location.reload(), 2500);
    } else toastProblem(problem);
    return false;
  }
}
