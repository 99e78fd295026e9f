/** Hours drawn, moved, changed and taken away, as tables: `node --test`, with the modules under test bundled by tests/pages/test_models.py. */
import assert from "node:assert/strict";
import { test } from "node:test";

const { changed, stretches, absences, press, PROPOSAL } = await import(process.env.WEEK_MODULE);

const MONDAY = "2026-11-23";
const DAY = 1440;
const at = (day, hour, minute = 0) => day * DAY + hour * 60 + minute;
const span = (day, from, to) => ({ from: at(day, from), to: at(day, to) });
const hours = (rules, exceptions = []) => ({ version: 3, zone: "Europe/Berlin", rules, exceptions });
const rule = (weekdays, start, end, more = {}) => ({ weekdays, start, end, ...more });
const off = (start, end, note) => ({ start: `2026-11-${start}:00`, end: `2026-11-${end}:00`, kind: "off", ...(note ? { note } : {}) });
const extra = (start, end) => ({ ...off(start, end), kind: "extra" });
const plain = (spans) => spans.map(({ from, to }) => [from, to]);

const MORNINGS = rule(["MO", "WE"], "09:00", "12:30");

const CASES = [
  ["the first stretch is a rule", [], [], null, span(0, 9, 12), "weekly", [rule(["MO"], "09:00", "12:00")], []],
  ["the same hours on another day join the rule", [rule(["MO"], "09:00", "12:00")], [], null, span(2, 9, 12), "weekly", [rule(["MO", "WE"], "09:00", "12:00")], []],
  ["a longer Monday leaves Wednesday alone", [MORNINGS], [], { from: at(0, 9), to: at(0, 12, 30) }, span(0, 9, 13), "weekly", [rule(["MO"], "09:00", "13:00"), rule(["WE"], "09:00", "12:30")], []],
  ["a later beginning", [MORNINGS], [], { from: at(0, 9), to: at(0, 12, 30) }, { from: at(0, 10), to: at(0, 12, 30) }, "weekly", [rule(["MO"], "10:00", "12:30"), rule(["WE"], "09:00", "12:30")], []],
  ["moved to another day", [rule(["MO"], "09:00", "12:00")], [], span(0, 9, 12), span(1, 14, 17), "weekly", [rule(["TU"], "14:00", "17:00")], []],
  ["moved by less than its length", [rule(["MO"], "09:00", "12:00")], [], span(0, 9, 12), span(0, 10, 13), "weekly", [rule(["MO"], "10:00", "13:00")], []],
  ["taken away", [MORNINGS], [], { from: at(2, 9), to: at(2, 12, 30) }, null, "weekly", [rule(["MO"], "09:00", "12:30")], []],
  ["its first and last day and its kinds go with it", [rule(["MO"], "09:00", "12:00", { until: "2026-12-18", services: ["a"] })], [], span(0, 9, 12), span(1, 9, 12), "weekly", [rule(["TU"], "09:00", "12:00", { until: "2026-12-18", services: ["a"] })], []],
  ["what else a rule says goes with it", [rule(["MO"], "09:00", "12:00", { place: "home" })], [], span(0, 9, 12), span(0, 9, 13), "weekly", [rule(["MO"], "09:00", "13:00", { place: "home" })], []],
  ["a rule on another zone's wall is not touched", [rule(["MO"], "09:00", "12:00", { zone: "Asia/Tokyo" })], [], null, span(0, 9, 12), "weekly", [rule(["MO"], "09:00", "12:00"), rule(["MO"], "09:00", "12:00", { zone: "Asia/Tokyo" })], []],
  ["a rule that has not begun yet is not touched", [rule(["MO"], "09:00", "12:00", { from: "2027-01-01" })], [], null, span(0, 9, 12), "weekly", [rule(["MO"], "09:00", "12:00", { from: "2027-01-01" }), rule(["MO"], "09:00", "12:00")], []],
  ["over midnight is one rule", [], [], null, { from: at(0, 22), to: at(1, 2) }, "weekly", [rule(["MO"], "22:00", "02:00")], []],
  ["the half after midnight is the next day's", [rule(["MO"], "22:00", "02:00", { until: "2026-12-18" })], [], { from: at(0, 22), to: at(1, 2) }, span(1, 0, 2), "weekly", [rule(["TU"], "00:00", "02:00", { until: "2026-12-19" })], []],
  ["Sunday night reaches into this Monday", [rule(["SU"], "22:00", "02:00")], [], { from: 0, to: at(0, 2) }, null, "weekly", [rule(["SU"], "22:00", "00:00")], []],
  ["an end at midnight", [], [], null, { from: at(6, 20), to: at(7, 0) }, "weekly", [rule(["SU"], "20:00", "00:00")], []],
  ["weekly hours over time off open this week as well", [], [off("23T09:00", "23T10:00")], null, span(0, 9, 12), "weekly", [rule(["MO"], "09:00", "12:00")], []],
  ["only this week: drawn", [MORNINGS], [], null, span(1, 9, 12), "once", [MORNINGS], [extra("24T09:00", "24T12:00")]],
  ["only this week: shorter", [MORNINGS], [], { from: at(0, 9), to: at(0, 12, 30) }, { from: at(0, 10), to: at(0, 12, 30) }, "once", [MORNINGS], [off("23T09:00", "23T10:00")]],
  ["only this week: longer is one window, so that a visit fits over the seam", [MORNINGS], [], { from: at(0, 9), to: at(0, 12, 30) }, span(0, 9, 14), "once", [MORNINGS], [extra("23T09:00", "23T14:00")]],
  ["only this week: and back again", [MORNINGS], [off("23T09:00", "23T10:00")], { from: at(0, 10), to: at(0, 12, 30) }, { from: at(0, 9), to: at(0, 12, 30) }, "once", [MORNINGS], []],
  ["only this week: moved", [MORNINGS], [], { from: at(0, 9), to: at(0, 12, 30) }, span(1, 14, 16), "once", [MORNINGS], [off("23T09:00", "23T12:30"), extra("24T14:00", "24T16:00")]],
  ["only this week: taken away", [MORNINGS], [], { from: at(0, 9), to: at(0, 12, 30) }, null, "once", [MORNINGS], [off("23T09:00", "23T12:30")]],
  ["an extra is taken away without leaving time off behind", [MORNINGS], [extra("24T14:00", "24T16:00")], span(1, 14, 16), null, "once", [MORNINGS], []],
  ["a holiday with a note is cut, and keeps its note", [MORNINGS], [off("22T00:00", "28T00:00", "skiing")], null, span(0, 9, 11), "once", [MORNINGS], [off("22T00:00", "23T09:00", "skiing"), off("23T11:00", "28T00:00", "skiing")]],
];

for (const [name, rules, exceptions, before, after, scope, newRules, newExceptions] of CASES) {
  test(name, () => {
    const made = changed(hours(rules, exceptions), MONDAY, before, after, scope);
    assert.deepEqual(made, hours(newRules, newExceptions));
    // What was drawn is what is open, and nothing else has changed.
    const open = plain(stretches(made, MONDAY));
    if (after) assert.ok(open.some(([from, to]) => from <= after.from && after.to <= to));
    if (before && !after) assert.ok(!open.some(([from, to]) => from < before.to && before.from < to));
  });
}

test("time off is drawn where it takes hours away", () => {
  assert.deepEqual(absences(hours([MORNINGS], [off("23T00:00", "23T10:00", "dentist")]), MONDAY), [{ from: at(0, 9), to: at(0, 10), note: "dentist" }]);
});

test("the proposal is five mornings", () => {
  assert.deepEqual(plain(stretches(hours([PROPOSAL]), MONDAY)), [0, 1, 2, 3, 4].map((day) => [at(day, 9), at(day, 12, 30)]));
});

function type(keys, open = [], start = at(0, 9)) {
  let state = { at: start, draft: null };
  const effects = [];
  for (const key of keys) {
    const step = press(state, { key: key.replace("Shift+", ""), shift: key.startsWith("Shift+") }, 30, open);
    if (!step) continue;
    state = step.state;
    if (step.effect) effects.push(step.effect);
  }
  return { at: state.at, drafting: state.draft !== null, effects };
}

const store = (before, after) => ({ kind: "store", before, after });

const KEYS = [
  ["arrows look around", ["ArrowDown", "ArrowRight"], [], at(1, 9, 30), []],
  ["the edge of the week holds", ["ArrowLeft", "Home", "ArrowUp"], [], at(0, 0), []],
  ["Enter begins and ends a stretch", ["Enter", "ArrowDown", "ArrowDown", "Enter"], [], at(0, 9), [store(null, { from: at(0, 9), to: at(0, 10, 30) })]],
  ["Escape leaves it as it was", ["Enter", "ArrowDown", "Escape"], [], at(0, 9), [{ kind: "left" }]],
  ["Enter on a stretch, arrows, Enter: it moves", ["Enter", "ArrowRight", "ArrowDown", "Enter"], [span(0, 9, 12)], at(1, 9, 30), [store(span(0, 9, 12), { from: at(1, 9, 30), to: at(1, 12, 30) })]],
  ["Shift changes its length", ["Shift+ArrowDown", "Shift+ArrowDown", "Enter"], [span(0, 9, 12)], at(0, 9), [store(span(0, 9, 12), span(0, 9, 13))]],
  ["it is never shorter than a row", ["Shift+ArrowUp", "Shift+ArrowUp", "Enter"], [{ from: at(0, 9), to: at(0, 10) }], at(0, 9), [store({ from: at(0, 9), to: at(0, 10) }, { from: at(0, 9), to: at(0, 9, 30) })]],
  ["nothing changed is nothing stored", ["Enter", "Enter"], [span(0, 9, 12)], at(0, 9), [{ kind: "left" }]],
  ["Delete takes it away", ["Delete"], [span(0, 9, 12)], at(0, 9), [store(span(0, 9, 12), null)]],
  ["Delete on nothing is nothing", ["Delete"], [], at(0, 9), []],
];

for (const [name, keys, open, place, effects] of KEYS) {
  test(`keys: ${name}`, () => assert.deepEqual(type(keys, open), { at: place, drafting: false, effects }));
}
