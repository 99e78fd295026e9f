/**
 * A visit behind its personal link. Everything on the screen follows from two things: the state that the server pushes, and
 * whether this tab holds the seat.
 *
 *     before ──opens──▶ lobby (check, I'm ready) ──knock──▶ waiting ──admitted──▶ stage ──end──▶ the page again, with what comes next
 */
import "../lib/shelf";
import { wireAnswer } from "../call/answer";
import { calm } from "../call/calm";
import { Carrying } from "../call/carrying";
import { Check } from "../call/check";
import { Company } from "../call/company/company";
import { Late } from "../call/company/late";
import { Devices } from "../call/devices";
import { Encryption } from "../call/encryption/encryption";
import { Ending } from "../call/ending";
import type { KeyMessage } from "../call/encryption/keyring";
import { Privacy } from "../call/encryption/privacy";
import { Forwarded } from "../call/forwarded";
import { wireLayout } from "../call/layout";
import { type PutBack, lobbyWords, putBack } from "../call/lobby";
import { Mesh } from "../call/mesh";
import { Panels } from "../call/panels";
import { Rehearsal } from "../call/rehearsal";
import { Renewal } from "../call/renewal";
import { RecordingOfVisit } from "../call/recording";
import { Seat, type SeatState } from "../call/seat";
import { Showing } from "../call/showing";
import { Stage } from "../call/stage";
import { Strip } from "../call/strip";
import { Ways } from "../call/ways";
import { type Participant, type Place, type Visit, others, participant } from "../call/visit";
import { announce, toast } from "../lib/announce";
import { api } from "../lib/api";
import { maybe, one } from "../lib/dom";
import { feed } from "../lib/feed";
import { clockTime } from "../lib/time";
import { _ } from "../lib/words";

const root = one("#visit");
const fact = (name: string): string => root.dataset[name] ?? "";
const id = fact("visit");
const me = fact("me");
const host = fact("host") === "true";
/** What this tab has: `yes`, a seat; `inside`, one in the room. */
const HELD = `telegut-seat-${id}`;
/** In the address of a page that loaded itself anew because no seat was given: once, and not for ever. */
const AGAIN = "#again";
/** Timers of browsers hold at most about 24 days; a page open for longer looks again. */
const LONGEST_WAIT_MS = 20 * 24 * 3600 * 1000;

const lobby = one("#lobby");
const stage = one("#stage");
const ready = one<HTMLButtonElement>("#ready");
const takeOver = one<HTMLButtonElement>("#take-over");
const leaveWaiting = one<HTMLButtonElement>("#leave-waiting");
const next = one("#next");
const why = one("#why");

const devices = new Devices();
const check = new Check(one("#check"), devices, fact("moment") === "open", () => void tellPassed());
const rehearsal = new Rehearsal(one("#check"), id, devices);
if (sessionStorage.getItem(HELD) === "inside") rehearsal.stop(); // whoever comes back to a call is not tested again beside it
const answer = maybe("#answer");
if (answer && maybe("#will-be-there", answer)) wireAnswer(answer);
let wantsIn = false;
let inside = false;
/** Where the server saw us last, and whether a host has put us back. */
let place: Place | null = null;
let back: PutBack = null;
let telling = false;
/** The status that everybody who is here has heard. */
let toldStatus = "";
/** When what stands beside the others may be fetched. */
let beside: Promise<void> = Promise.resolve();
/** Whom the day page's "Admit" means; taken out of the address so that a reload does not admit again. */
let toAdmit = host ? intended() : [];

const seat = new Seat(id, me, {
  state: (visit) => show(visit),
  panel: (shown) => (panels ?? company).point(shown),
  signal: (signal) => ways.hear(signal),
  status: (from, status) => {
    room.status(from, status);
    carrying.status(from, status);
    privacy.status(from, status.encrypts);
  },
  forwarder: (said) => forwarded.hear(said),
  seat: (state) => seated(state),
  moved: () => inside && forwarded.moved(),
  more: (message) => {
    if (message["type"] === "key") encryption.hear(message as unknown as KeyMessage);
    showing.hear(message);
    recording.hear(message);
  },
  refused: (of, detail) => {
    if (of === "forward") ways.unreachable();
    showing.refused(of);
    if (!["signal", "status", "forward", "direct", "look", "unheard", "follow", "pointer"].includes(of) && detail) toast(detail, "trouble");
  },
});

const mesh = new Mesh(me, () => seat.rtc, {
  send: (message) => seat.say(message),
  media: (account, stream) => ways.direct(account, stream),
  screen: (account, stream) => showing.screen.stream("direct", account, stream),
  measured: (account, reading) => carrying.direct(account, reading),
  flows: () => seat.say({ type: "media", flows: true }),
  words: (account, words) => privacy.compared(account, words),
  returns: () => seat.wake(),
  late: () => seat.say({ type: "direct" }),
  failed: () => seat.say({ type: "media", flows: false }),
});

const forwarded = new Forwarded(() => seat.rtc, {
  send: (message) => seat.say(message),
  media: (account, stream) => ways.forwarded(account, stream),
  screen: (account, stream) => showing.screen.stream("relayed", account, stream),
  measured: (reading) => carrying.relayed(reading),
  line: (account, line) => carrying.hear(account, line),
  speaker: (account) => carrying.speaker(account),
  flows: () => seat.say({ type: "media", flows: true }),
  returns: () => seat.wake(),
  allowed: () => encryption.mayForward,
  prepare: (connection) => encryption.attach(connection),
  connected: (stands) => {
    ways.stands(stands);
    if (stands) carrying.connected();
  },
});

const encryption = new Encryption(id, me, fact("frames"), { send: (message) => seat.say(message), changed: () => forwarded.renew() });
const privacy = new Privacy(root, me, host);
const ways = new Ways(mesh, forwarded, (account, stream) => room.media(account, stream));
const renewal = new Renewal(id, (configuration) => ways.configure((seat.rtc = configuration)));

const room = new Stage(stage, me, devices, {
  leave: () => seat.say({ type: "leave" }),
  end: () => seat.say({ type: "end" }),
});

const carrying = new Carrying(stage, me, {
  say: (message) => seat.say(message),
  carry: (sends) => {
    mesh.carry(sends);
    forwarded.carry(sends);
  },
  line: (account, line) => room.line(account, line),
  rung: (ladder) => {
    room.carries(ladder.rung);
    tellStatus();
  },
  speaker: (account) => room.speaker(account),
  relayed: (account) => forwarded.has(account),
});

/** In a group, and for who translates, nobody's record is beside the video. */
const panels = fact("patient")
  ? new Panels(stage, fact("patient"), host, me, `telegut-panel-${id}`, nameOf, (shown) => seat.say({ type: "panel", ...shown }))
  : null;

const showing = new Showing(stage, panels, {
  me,
  host,
  visit: id,
  patient: fact("patient"),
  devices,
  nameOf,
  say: (message) => seat.say(message),
  share: (track) => {
    mesh.share(track);
    forwarded.share(track);
  },
});

const recording = new RecordingOfVisit(stage, { me, host, possible: fact("patient") !== "", nameOf, say: (message) => seat.say(message) });

const strip = maybe("#strip");
const waitingStrip = strip
  ? new Strip(strip, id, {
      admit: (account) => seat.say({ type: "admit", participant: account }),
      admitAll: () => seat.say({ type: "admit_all" }),
      sendBack: (account) => seat.say({ type: "send_back", participant: account }),
    })
  : null;

const company = new Company(stage, devices, { visit: id, me, host, patient: fact("patient"), nameOf, say: (message) => seat.say(message), admitFirst: () => waitingStrip?.admitFirst() });
const ending = new Ending(id, () => location.reload());
const late = new Late(id, one("#late"));

if (panels) wireLayout(stage);
devices.onChange(() => {
  ways.use({ audio: devices.audio, video: devices.video });
  tellStatus();
});

function nameOf(account: string): string {
  return (seat.visit && participant(seat.visit, account)?.name) || fact("hosts");
}

/** The next reminder says that camera and sound were checked; when that cannot be told, nothing is lost. */
async function tellPassed(): Promise<void> {
  await api.post(`/api/v1/visits/${id}/check`, {}).catch(() => undefined);
}

/** Others see that a silent microphone is meant. What changes together is told together. */
function tellStatus(): void {
  if (!inside || telling) return;
  telling = true;
  queueMicrotask(sayStatus);
}

function sayStatus(): void {
  telling = false;
  if (!inside) return;
  const status = { type: "status", mic: Boolean(devices.audio) && !devices.muted, camera: Boolean(devices.video), held: devices.held, encrypts: encryption.able, ...carrying.mine };
  const words = JSON.stringify(status);
  if (words !== toldStatus && seat.say(status)) toldStatus = words;
}

// --- what the state means for this screen

function show(visit: Visit): void {
  privacy.show(visit);
  waitingStrip?.show(visit);
  company.know(visit);
  const mine = participant(visit, me);
  late.waits(mine !== undefined && ["checking", "waiting"].includes(mine.state) && !visit.participants.some((person) => person.host && person.state === "inside"));
  if (!mine) return;
  if (mine.barred) return location.reload(); // the page says so
  back = putBack(place, mine.state, back);
  place = mine.state;
  if (mine.state === "inside") enter(visit);
  else lobbyFor(visit, mine);
}

function enter(visit: Visit): void {
  const fresh = !inside;
  inside = true;
  if (fresh) {
    check.stop();
    rehearsal.stop();
    sessionStorage.setItem(HELD, "inside");
    lobby.hidden = true;
    stage.hidden = false;
    document.body.dataset["inRoom"] = "";
    void devices.open().then(() => tellStatus());
    beside = calm(one("[data-tiles]", stage), others(visit, me).every((person) => person.state !== "inside"));
    panels?.enter(beside);
    stage.tabIndex = -1;
    stage.focus();
  }
  room.show(visit);
  company.show(visit, beside);
  showing.with(visit);
  const people = others(visit, me);
  encryption.with(people.map((person) => person.account), visit.encrypted);
  ways.with(people.map((person) => person.account), visit.forwarded);
  carrying.with(people.map((person) => person.account));
  ways.use({ audio: devices.audio, video: devices.video });
  if (fresh) announce(_("You are in the room."));
  if (fresh) recording.enter();
  if (fresh) renewal.start();
  admitIntended(visit);
  toldStatus = ""; // whoever is new here has heard nothing yet
  tellStatus();
}

function intended(): string[] {
  const accounts = /^#admit=([0-9a-f-]+)$/.exec(location.hash)?.slice(1) ?? [];
  if (accounts.length) history.replaceState(null, "", location.pathname + location.search);
  return accounts;
}

/** Once: who does not wait any more is not let in later without being asked for. */
function admitIntended(visit: Visit): void {
  const accounts = toAdmit;
  toAdmit = [];
  for (const account of accounts) if (participant(visit, account)?.state === "waiting") seat.say({ type: "admit", participant: account });
}

function outOfRoom(): void {
  if (!inside) return;
  inside = false;
  recording.leave();
  renewal.stop();
  ways.close();
  encryption.close();
  carrying.leave();
  panels?.leave();
  company.leave();
  showing.leave();
  if (document.documentElement.dataset["signedIn"] === undefined) feed().rest();
  stage.hidden = true;
  lobby.hidden = false;
  delete document.body.dataset["inRoom"];
}

function lobbyFor(visit: Visit, mine: Participant): void {
  const wasInside = inside;
  outOfRoom();
  if (wasInside) check.again(); // one sees and hears oneself again, instead of a dead picture
  sessionStorage.setItem(HELD, "yes");
  ready.hidden = mine.state !== "checking";
  ready.textContent = _("I'm ready");
  takeOver.hidden = true;
  leaveWaiting.hidden = mine.state !== "waiting";
  say(lobbyWords(visit, mine, back));
  if (wantsIn && mine.state === "checking") knock();
}

function say(words: string): void {
  if (next.textContent !== words) next.textContent = words;
}

// --- what the connection means for this screen

function seated(state: SeatState): void {
  room.reach(state === "seated" || state === "joining" || !inside);
  why.hidden = true;
  switch (state) {
    case "seated":
      ending.stop();
      if (location.hash === AGAIN) history.replaceState(null, "", location.pathname + location.search);
      ways.configure(seat.rtc);
      ways.resume();
      carrying.seated();
      break;
    case "lost":
      if (!inside) say(_("We lost the connection. Trying again … your seat is kept."));
      break;
    case "elsewhere":
      elsewhere();
      break;
    case "out":
      gone();
      break;
    case "over":
      sessionStorage.removeItem(HELD);
      location.reload(); // the page knows what comes next
      break;
    case "closed":
      sessionStorage.removeItem(HELD);
      if (location.hash === AGAIN) return shut();
      location.hash = AGAIN;
      location.reload();
      break;
    default:
      break;
  }
}

function elsewhere(): void {
  sessionStorage.removeItem(HELD);
  outOfRoom();
  devices.close();
  ending.watch();
  ready.hidden = leaveWaiting.hidden = true;
  takeOver.hidden = false;
  say(_("You are in this visit on another device. The call goes on there, and camera and microphone are off here. You can bring it back any time."));
}

function gone(): void {
  sessionStorage.removeItem(HELD);
  wantsIn = false;
  outOfRoom();
  devices.close();
  ending.watch();
  leaveWaiting.hidden = takeOver.hidden = true;
  ready.hidden = false;
  ready.textContent = host ? _("Come back") : _("Ask to come in again");
  say(host ? _("You have left the visit. You can come back while it lasts.") : _("You are out of the room. You can ask to come in again while the visit lasts."));
}

/** The page is theirs, and its calls are nobody's: what would say whose they are is not kept. */
function shut(): void {
  outOfRoom();
  devices.close();
  ready.hidden = leaveWaiting.hidden = takeOver.hidden = true;
  say(_("Your visit cannot be opened in this browser; perhaps it keeps no cookies. Open the link in your usual browser, or call the clinic."));
}

// --- what the person does

async function pressReady(): Promise<void> {
  wantsIn = true;
  ready.disabled = true;
  await devices.open();
  ready.disabled = false;
  if (seat.state === "seated") knock();
  else seat.join();
}

function knock(): void {
  wantsIn = false;
  seat.say({ type: "knock" });
}

ready.addEventListener("click", () => void pressReady());
takeOver.addEventListener("click", () => {
  wantsIn = true;
  seat.join();
});
leaveWaiting.addEventListener("click", () => seat.say({ type: "leave" }));

// --- the moment of the page

function arrive(): void {
  if (sessionStorage.getItem(HELD)) seat.join(true); // a reload: the same tab takes its seat again
  else if (["inside", "waiting"].includes(fact("place"))) elsewhere();
  else seat.join();
}

function waitForOpening(): void {
  const left = Date.parse(fact("opens")) - Date.now();
  if (left <= 0) return location.reload();
  const minutes = Math.ceil(left / 60_000);
  if (minutes <= 30) say(_("The room opens at {time}: in {minutes} min.", { time: clockTime(fact("opens")), minutes }));
  setTimeout(waitForOpening, Math.min(left + 300, minutes <= 30 ? 15_000 : LONGEST_WAIT_MS));
}

if (fact("moment") === "open") arrive();
else waitForOpening();
