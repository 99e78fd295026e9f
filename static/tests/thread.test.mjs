/** What a thread counts and marks by itself: moments on a wall over a clock change, whom words mention, whose turn it is. */
import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.document = { documentElement: { lang: "en", dataset: {} }, querySelector: () => null, getElementById: () => null };
const { instantOn, Log, mentioned } = await import(process.env.THREAD_MODULE);

const MOMENTS = [
  ["2026-11-23", "09:00", "Europe/Berlin", "2026-11-23T08:00:00.000Z"],
  ["2026-11-23", "09:00", "America/New_York", "2026-11-23T14:00:00.000Z"],
  ["2026-11-23", "09:00", "Asia/Kolkata", "2026-11-23T03:30:00.000Z"],
  ["2026-11-23", "23:30", "Pacific/Kiritimati", "2026-11-23T09:30:00.000Z"],
  ["2026-03-29", "02:30", "Europe/Berlin", null],
  ["2026-03-29", "03:00", "Europe/Berlin", "2026-03-29T01:00:00.000Z"],
  ["2026-10-25", "02:30", "Europe/Berlin", "2026-10-25T00:30:00.000Z"],
  ["2026-10-25", "03:00", "Europe/Berlin", "2026-10-25T02:00:00.000Z"],
];

for (const [day, time, zone, expected] of MOMENTS) {
  test(`${day} ${time} ${zone}`, () => {
    const at = instantOn(day, time, zone);
    assert.equal(at === null ? null : new Date(at).toISOString(), expected);
  });
}

const MEMBERS = [
  { account: "1", name: "Lena Hartmann" },
  { account: "2", name: "Jonas" },
];
const WORDS = [
  ["@Lena Hartmann, how are you?", ["1"]],
  ["(@Jonas) and @Lena Hartmann.", ["1", "2"]],
  ["mail@Jonas", []],
  ["@Jonasson", []],
  ["Lena Hartmann", []],
  ["@Lena", []],
];

for (const [words, expected] of WORDS) test(words, () => assert.deepEqual(mentioned(words, MEMBERS), expected));

const PATIENT = { account: "p", name: "Maria Berg", roles: ["patient"], read_up_to: 0 };
const CONSULTANT = { account: "c", name: "Lena Hartmann", roles: ["consultant"], read_up_to: 0 };
const said = (seq, sender, more = {}) => ({ type: "message.sent", conversation: "1", seq, id: `m${seq}`, sender, sent_at: "2026-11-23T08:00:00Z", body: "…", ...more });
const changed = (seq, sender, message, type = "message.edited") => ({ type, conversation: "1", seq, id: `m${seq}`, sender, sent_at: "2026-11-23T09:00:00Z", message, ...(type === "message.edited" ? { body: "!" } : {}) });
const TURNS = [
  ["nobody wrote", [], false, "nobody"],
  ["the patient wrote", [said(1, "p")], true, "patient"],
  ["the team answered", [said(1, "p"), said(2, "c")], false, "team"],
  ["somebody who left", [said(1, "x")], false, "patient"],
  ["the clock sent what was written before the question", [said(1, "p"), said(2, "c", { scheduled: true })], true, "patient"],
  ["the team took its answer back", [said(1, "p"), said(2, "c"), changed(3, "c", "m2", "message.retracted")], true, "patient"],
  ["the patient took the question back", [said(1, "p"), changed(2, "p", "m1", "message.retracted")], true, "patient"],
  ["the patient changed what was answered", [said(1, "p"), said(2, "c"), changed(3, "p", "m1")], true, "patient"],
  ["the team changed its answer", [said(1, "p"), said(2, "c"), changed(3, "c", "m2")], false, "team"],
  ["the clock sent an answer", [said(1, "p"), said(2, "c", { scheduled: true })], false, "team"],
];

for (const [name, entries, owed, expected] of TURNS) {
  test(name, () => {
    const log = new Log([PATIENT, CONSULTANT], 0, "p");
    log.take(entries);
    assert.equal(log.turn(owed), expected);
  });
}

const LINES = [
  ["changed before anybody wrote: no line", [said(1, "p"), changed(2, "p", "m1")], []],
  ["changed after an answer: a line", [said(1, "p"), said(2, "c"), changed(3, "p", "m1")], [3]],
  ["changed twice: the last one", [said(1, "p"), said(2, "c"), changed(3, "p", "m1"), changed(4, "p", "m1")], [4]],
  ["taken back since: none", [said(1, "p"), said(2, "c"), changed(3, "p", "m1"), changed(4, "p", "m1", "message.retracted")], []],
];

for (const [name, entries, expected] of LINES) {
  test(name, () => {
    const log = new Log([PATIENT, CONSULTANT], 0, "p");
    log.take(entries);
    assert.deepEqual(log.notesWithin({ first: 0, last: Infinity }).map((note) => note.seq), expected);
  });
}
