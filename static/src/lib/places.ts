/**
 * Places in a record and the ways between them and the messages: "Write about this" beside a place, and a message that points at one.
 *
 * Names of findings and steps are clinical words, so none of this travels in an address: what another page is to show or to write about waits in the
 * tab's own storage, which ends with the tab and at sign-out.
 */
import { all, maybe } from "./dom";

export interface Cite {
  readonly kind: "finding" | "report" | "plan_step" | "visit" | "diary_day";
  /** Of the report, step or visit; of a diary day its date. */
  readonly id: string;
  /** Its name for people: of the finding or step; of a visit its start, of a report its sample's day. */
  readonly place?: string | null;
}

/** What can be shown here or elsewhere: also a message, by its conversation and number (`ID:12`), which messages themselves do not cite. */
export interface Shown {
  readonly kind: Cite["kind"] | "message";
  readonly id: string;
  readonly place?: string | null;
}

export interface Place {
  readonly patient: string;
  readonly cite: Cite;
}

export interface ShownPlace {
  readonly patient: string;
  readonly cite: Shown;
}

/** Asked of a thread on this page, with a number in its conversation. */
export const GO_TO_MESSAGE = "telegut-go-to-message";

/** Asked on the document: whoever can show the place here prevents the default, which is to leave for its page. */
const SHOW = "telegut-show-place";
/** Asked on the document: whoever can write about it here prevents the default, which is to leave for the messages. */
const WRITE = "telegut-write-about";
const SHOW_KEY = "telegut to show";
const WRITE_KEY = "telegut to write about";
const POINTED_MS = 4000;

export function samePlace(one: Cite, other: Cite): boolean {
  return one.kind === other.kind && one.id === other.id && (one.kind !== "finding" || one.place === other.place);
}

/** Whether somebody on this page shows it; if nobody does, it is noted for the page that is opened instead. */
export function hereOrLeave(place: ShownPlace): boolean {
  if (!document.dispatchEvent(new CustomEvent(SHOW, { detail: place, cancelable: true }))) return true;
  if (place.cite.kind === "plan_step" && pointAt(document, place.cite)) return true;
  put(SHOW_KEY, place);
  return false;
}

/** Whether it is written about on this page; if not, it is noted for the messages that are opened instead. */
export function writeHereOrLeave(place: Place): boolean {
  if (!document.dispatchEvent(new CustomEvent(WRITE, { detail: place, cancelable: true }))) return true;
  put(WRITE_KEY, place);
  return false;
}

function answering<T>(name: string, act: (place: T) => boolean): () => void {
  const asked = (event: Event): void => {
    if (!event.defaultPrevented && act((event as CustomEvent<T>).detail)) event.preventDefault();
  };
  document.addEventListener(name, asked);
  return () => document.removeEventListener(name, asked);
}

/** Calls *act* for each place that is to be shown; true means that it is. Returns the way to stop. */
export function onShow(act: (place: ShownPlace) => boolean): () => void {
  return answering(SHOW, act);
}

/** Calls *act* for each place that is to be written about; true means that it is. Returns the way to stop. */
export function onWrite(act: (place: Place) => boolean): () => void {
  return answering(WRITE, act);
}

/** For the page behind a link: goes to the place that the link meant, or that the address names. */
export function arrive(root: ParentNode = document): void {
  const place = take(SHOW_KEY);
  if (place && pointAt(root, place.cite)) return;
  const named = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
  if (named) point(named);
}

/** What was chosen to be written about *patient* on the page before. */
export function takeToWrite(patient: string): Cite | null {
  const place = take(WRITE_KEY, patient);
  return place?.cite ?? null;
}

/** Notes it for a part of this page that is still to be opened. */
export function leaveToWrite(place: Place): void {
  put(WRITE_KEY, place);
}

/** Goes to the place inside *root*, opens what hides it and marks it for a moment; false when it is not there. */
export function pointAt(root: ParentNode, cite: Shown): boolean {
  if (cite.kind === "message") return false;
  const found = cite.kind === "finding" ? finding(root, cite) : maybe(`#${cite.kind === "plan_step" ? "step" : "day"}-${CSS.escape(cite.id)}`, root);
  if (!found || (cite.kind !== "plan_step" && cite.kind !== "finding" && cite.kind !== "diary_day")) return false;
  for (let parent = found.parentElement; parent; parent = parent.parentElement) if (parent instanceof HTMLDetailsElement) parent.open = true;
  if (!found.getClientRects().length) return false;
  point(found);
  return true;
}

function finding(root: ParentNode, cite: Shown): HTMLElement | null {
  const name = (cite.place ?? "").toLowerCase();
  const drawn = all("[data-finding]", root).find((one) => (one.dataset["finding"] ?? "").toLowerCase() === name);
  if (drawn) return drawn;
  const search = maybe<HTMLInputElement>("[data-search]", root);
  if (!search || !name) return null;
  // Not among the largest: the search over everything in the file finds it.
  search.value = cite.place ?? "";
  search.dispatchEvent(new Event("input", { bubbles: true }));
  return search;
}

function point(found: HTMLElement): void {
  if (!found.matches("a, button, input, [tabindex]")) found.tabIndex = -1;
  found.scrollIntoView({ block: "center" });
  found.focus({ preventScroll: true });
  found.classList.add("pointed");
  setTimeout(() => found.classList.remove("pointed"), POINTED_MS);
}

function put(key: string, place: ShownPlace): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(place));
  } catch {
    // Nothing may be kept here: the page opens without going to the place.
  }
}

function take(key: string, patient?: string): Place | null {
  try {
    const kept = sessionStorage.getItem(key);
    const place = kept ? (JSON.parse(kept) as Place) : null;
    if (!place || (patient !== undefined && place.patient !== patient)) return null;
    sessionStorage.removeItem(key);
    return place;
  } catch {
    return null;
  }
}

/** Makes every `[data-write-about]` of the page work: a link to the messages whose data is the place. */
export function wireWriteAbout(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-write-about]");
    if (!button || event.ctrlKey || event.metaKey) return;
    if (writeHereOrLeave(JSON.parse(button.dataset["writeAbout"] ?? "{}") as Place)) event.preventDefault();
  });
}
