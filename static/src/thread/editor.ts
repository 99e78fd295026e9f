/** Changing one's own message, and taking it back. The first words stay in the record, and everybody sees that there were some. */
import { toastProblem } from "../lib/announce";
import { api } from "../lib/api";
import { ask } from "../lib/dialog";
import { h } from "../lib/dom";
import { _ } from "../lib/words";
import { sends } from "./keyboard";
import type { Message } from "./state";

/** The box in a message's place; *close* is called when it is saved or left. */
export function editorOf(message: Message, path: string, max: number, close: () => void): HTMLElement {
  const field = h("textarea", { class: "input", rows: 3, "data-edit": "", "aria-label": _("Your message in other words"), maxlength: max });
  field.value = message.body ?? "";
  const save = async (): Promise<void> => {
    try {
      if (field.value !== message.body) await api.post(`${path}/messages/${message.id}/edit`, { body: field.value });
      close();
    } catch (problem) {
      toastProblem(problem);
    }
  };
  field.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") close();
    if (!sends(event)) return;
    event.preventDefault();
    void save();
  });
  return h(
    "li",
    { class: "message message-mine message-editing" },
    field,
    h("div", { class: "row row-end" }, h("button", { type: "button", class: "button", onclick: close }, _("Leave it")), h("button", { type: "button", class: "button button-main", onclick: () => void save() }, _("Save"))),
  );
}

export async function retract(message: Message, path: string): Promise<void> {
  const agreed = await ask({
    title: _("Take this message back?"),
    text: _("Nobody sees its words any more. That there was a message stays visible, and it stays in the record."),
    confirm: _("Take it back"),
    decline: _("Leave it"),
  });
  if (!agreed) return;
  try {
    await api.post(`${path}/messages/${message.id}/retract`);
  } catch (problem) {
    toastProblem(problem);
  }
}
