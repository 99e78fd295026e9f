/** Asking before a visit is cancelled, with room for a reason. */
import { toast, toastProblem } from "../lib/announce";
import { Problem, api } from "../lib/api";
import { ask } from "../lib/dialog";
import { h } from "../lib/dom";
import { _ } from "../lib/words";

/** Cancels after a question; *title* asks and says which visit. Resolves to whether it is cancelled now. */
export async function cancelVisit(appointment: string, version: number, title: string, text: string): Promise<boolean> {
  const reason = h("textarea", { class: "input", id: "cancel-reason", rows: 2, maxlength: 2000 });
  const field = h("div", { class: "field" }, h("label", { for: "cancel-reason" }, _("Why? (if you like; only the care team reads it)")), reason);
  const agreed = await ask({ title, text, confirm: _("Cancel the visit"), decline: _("Keep it"), grave: true, content: field });
  if (!agreed) return false;
  try {
    await api.post(`/api/v1/appointments/${appointment}/cancel`, { reason: reason.value, version });
    return true;
  } catch (problem) {
    if (problem instanceof Problem && problem.status === 409) toast(_("This visit was changed a moment ago. Nothing was cancelled. Here it is as it is now."), "attention");
    else toastProblem(problem);
    if (problem instanceof Problem && problem.status === 409) setTimeout(() => location.reload(), 2500);
    return false;
  }
}
