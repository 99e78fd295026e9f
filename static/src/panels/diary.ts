/** The diary, beside a call: the server draws it, this fetches it again when somebody writes about a day. */
import { one } from "../lib/dom";
import { feed } from "../lib/feed";

export function mount(root: HTMLElement): () => void {
  const patient = root.dataset["patient"];
  if (document.documentElement.dataset["signedIn"] === undefined) return () => undefined;
  let stopped = false;
  const freshen = async (): Promise<void> => {
    const answer = await fetch(`/patients/${patient}/panels/diary`, { credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok || stopped) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    root.replaceChildren(...one('[data-panel="diary"]', fresh).childNodes);
  };
  const stop = feed().on("diary.", (event) => event["patient"] === patient && void freshen());
  return () => {
    stopped = true;
    stop();
  };
}
