/**
 * A visit behind its personal link. Everything on the screen follows from two things: the state that the server pushes, and
 * whether this tab holds the seat.
 *
 *     before ──opens──▶ door (check, I'm ready) ──knock──▶ waiting ──admitted──▶ room ──end──▶ the page again, with what comes next
 */
import "../lib/shelf";
import { Deeds, BY_THE_PAGE } from "../call/deeds";
import { Devices } from "../call/devices";
import { Door } from "../call/door";
import { Ending } from "../call/ending";
import { factsOf } from "../call/facts";
import { Held } from "../call/held";
import { Inside } from "../call/inside";
import { type PutBack, putBack } from "../call/lobby";
import { waitForOpening } from "../call/opening";
import { Seat, type SeatState } from "../call/seat";
import { Strip } from "../call/strip";
import { type Place, type Visit, participant } from "../call/visit";
import { toast } from "../lib/announce";
import { maybe, one } from "../lib/dom";
import { _ } from "../lib/words";

const facts = factsOf(one("#visit"));
const { me } = facts;
const held = new Held(facts.id);
/** In the address of a page that loaded itself anew because no seat was given: once, and not for ever. */
const AGAIN = "#again";

let wantsIn = false;
/** They pressed Leave, in the room or while waiting. */
let left = false;
/** Where the server saw us last, and whether a host has put us back. */
let place: Place | null = null;
let back: PutBack = null;
/** Whom the day page's "Admit" means; taken out of the address so that a reload does not admit again. */
let toAdmit = facts.host ? intended() : [];

const devices = new Devices();
const door = new Door(facts, devices, held.what === "inside", {
  ready: () => {
    wantsIn = true;
    left = false;
    if (deeds.leaves && seat.state === "seated") return; // the server lets go of the seat first
    deeds.forget();
    if (seat.state === "seated") knock();
    else seat.join();
  },
  takeOver: () => {
    wantsIn = true;
    seat.join();
  },
  leave,
});

const seat: Seat = new Seat(facts.id, me, {
  state: show,
  panel: (shown) => deeds.leaves || inside.point(shown),
  signal: (signal) => deeds.leaves || inside.media.signal(signal),
  status: (from, status) => deeds.leaves || inside.status(from, status),
  forwarder: (said) => deeds.leaves || inside.media.said(said),
  seat: seated,
  moved: () => inside.here && inside.media.moved(),
  heard: () => deeds.heard(),
  more: (message) => deeds.leaves || inside.hear(message),
  refused: (of, detail) => {
    if (deeds.leaves) return; // whoever has left is refused everything
    inside.refused(of);
    if (!BY_THE_PAGE.includes(of) && detail) toast(detail, "trouble");
  },
});
const deeds = new Deeds(
  (message) => seat.say(message),
  ({ type }) => (type === "leave" ? seat.expect() : seat.wake()),
);
const inside: Inside = new Inside(facts, devices, seat, deeds, { leave, admitFirst: () => waitingStrip?.admitFirst() });

const strip = maybe("#strip");
const waitingStrip = strip
  ? new Strip(strip, facts.id, {
      admit: (account) => deeds.say({ type: "admit", participant: account }),
      admitAll: () => deeds.say({ type: "admit_all" }),
      sendBack: (account) => deeds.say({ type: "send_back", participant: account }),
    })
  : null;
const ending = new Ending(facts.id, () => location.reload());

// --- what the state means for this screen

function show(visit: Visit): void {
  if (deeds.settle()) return; // on the way out
  inside.know(visit);
  waitingStrip?.show(visit);
  door.know(visit);
  const mine = participant(visit, me);
  if (!mine) return;
  if (mine.barred) return location.reload(); // the page says so
  back = putBack(place, mine.state, back);
  place = mine.state;
  if (mine.state === "inside") enter(visit);
  else {
    const wasInside = inside.here;
    inside.leave();
    held.keep("yes");
    door.show(visit, mine, back, wasInside);
    if (wantsIn && mine.state === "checking") knock();
  }
}

function enter(visit: Visit): void {
  if (!inside.here) {
    held.keep("inside");
    door.pass();
  }
  inside.show(visit, me);
  admitIntended(visit);
}

function intended(): string[] {
  const accounts = /^#admit=([0-9a-f-]+)$/.exec(location.hash)?.slice(1) ?? [];
  if (accounts.length) plainAddress();
  return accounts;
}

/** Once: who does not wait any more is not let in later without being asked for. */
function admitIntended(visit: Visit): void {
  const accounts = toAdmit;
  toAdmit = [];
  for (const account of accounts) if (participant(visit, account)?.state === "waiting") deeds.say({ type: "admit", participant: account });
}

function plainAddress(): void {
  history.replaceState(null, "", location.pathname + location.search);
}

// --- what the connection means for this screen

function seated(state: SeatState): void {
  if (state === "lost") {
    if (wantsIn) deeds.forget(); // they left and want to come back: the server has seen nothing of it
    deeds.lost();
  }
  if (deeds.leaves && ["joining", "seated", "lost"].includes(state)) return; // this page has left; the server is yet to hear of it
  inside.reach(state === "seated" || state === "joining");
  door.settle();
  switch (state) {
    case "seated":
      ending.stop();
      if (location.hash === AGAIN) plainAddress();
      inside.media.seated();
      break;
    case "lost":
      if (!inside.here) door.say(_("We lost the connection. Trying again … your seat is kept."));
      break;
    case "elsewhere":
      deeds.forget();
      out();
      door.elsewhere();
      break;
    case "out":
      released();
      break;
    case "over":
      held.drop();
      location.reload(); // the page knows what comes next
      break;
    case "closed":
      held.drop();
      if (location.hash === AGAIN) {
        inside.leave();
        return door.shut();
      }
      location.hash = AGAIN;
      location.reload();
      break;
    default:
      break;
  }
}

/** This page has no seat any more. */
function out(): void {
  held.drop();
  inside.leave();
  ending.watch();
}

/** The server has let go of the seat: because it was asked to, and this page knows; or a host sent them out. */
function released(): void {
  const asked = deeds.leaves;
  deeds.forget();
  if (!asked) gone();
  else if (wantsIn) seat.join();
}

function gone(): void {
  wantsIn = false;
  out();
  door.gone(left);
}

// --- what the person does

/** At once on this page; the server hears it as soon as it hears anything. */
function leave(): void {
  left = true;
  deeds.say({ type: "leave" });
  gone();
}

function knock(): void {
  wantsIn = false;
  seat.say({ type: "knock" });
}

// --- the moment of the page

function arrive(): void {
  if (held.what) seat.join(true); // a reload: the same tab takes its seat again
  else if (["inside", "waiting"].includes(facts.place)) {
    out();
    door.elsewhere();
  } else seat.join();
}

if (facts.moment === "open") arrive();
else waitForOpening(facts.opens, (words) => door.say(words));
