/** Addresses in a message become links: https alone, opened in a page of its own that learns nothing of ours. Nothing is fetched to preview them. */
import { h } from "../lib/dom";

const ADDRESS = /https:\/\/[^\s<>"'`]+/g;
/** What ends a sentence ends no address. */
const AFTER = /[.,;:!?…)\]}»”’]+$/u;

/** The words, with links where addresses stand. */
export function linked(text: string): (string | HTMLElement)[] {
  const pieces: (string | HTMLElement)[] = [];
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimmed(match[0]);
    if (!isAddress(address)) continue;
    pieces.push(text.slice(from, match.index), link(address));
    from = match.index + address.length;
  }
  return [...pieces, text.slice(from)];
}

function trimmed(address: string): string {
  const bare = address.replace(AFTER, "");
  // A bracket that was opened inside the address belongs to it.
  return bare.includes("(") && address[bare.length] === ")" ? `${bare})` : bare;
}

function isAddress(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url !== null && url.protocol === "https:" && url.hostname.includes(".") && !url.username && !url.password;
}

function link(address: string): HTMLElement {
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow external" }, address);
}
