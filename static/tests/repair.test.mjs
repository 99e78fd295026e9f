/** How a direct connection is repaired: what is done at each look, over the seconds of a cut, of a blocked way, of a lost offer. */
import assert from "node:assert/strict";
import { test } from "node:test";

const { SOUND, agreed, repaired } = await import(process.env.REPAIR_MODULE);

/**
 * Looks each 250 ms. *story*: from when on something holds, as [ms, {silent, asking}]; *answers*: when a description is taken;
 * *hears*: from when on somebody hears that the way is blocked. What was done, as "ms deed".
 */
function tell(story, until, { answers = [], hears = 0 } = {}) {
  let repair = SOUND;
  const done = [];
  for (let now = 0; now <= until; now += 250) {
    const seen = Object.assign({ silent: false, asking: false }, ...story.filter(([from]) => from <= now).map(([, what]) => what));
    const found = repaired(repair, seen, now);
    repair = found.repair;
    for (const deed of found.deeds) {
      done.push(`${now} ${deed}`);
      if (deed === "blocked" && now >= hears) repair = { ...repair, heard: true };
    }
    if (answers.includes(now)) repair = agreed(repair, now);
  }
  return done;
}

const silent = (from) => [from, { silent: true }];
const sounds = (from) => [from, { silent: false }];
const asks = (from) => [from, { asking: true }];
const answered = (from) => [from, { asking: false }];

test("nothing is done while all is well", () => assert.deepEqual(tell([], 60_000, { answers: [1000, 5000] }), []));

test("a way is blocked when both agreed how to repair it, and a second later nothing comes", () =>
  assert.deepEqual(tell([silent(1000), asks(1250), answered(1500)], 20_000, { answers: [1500] }), ["1000 restart", "2500 blocked"]));

test("what nobody hears is said until somebody does", () =>
  assert.deepEqual(tell([silent(1000)], 9000, { answers: [1500], hears: 3250 }), ["1000 restart", "2500 blocked", "2750 blocked", "3000 blocked", "3250 blocked"]));

test("a glitch is repaired and forgotten, whatever is agreed meanwhile", () => {
  assert.deepEqual(tell([silent(1000), sounds(2250)], 20_000, { answers: [1500] }), ["1000 restart"]);
  assert.deepEqual(tell([silent(1000), sounds(2250), silent(3000), sounds(3750)], 20_000, { answers: [1500, 3000] }), ["1000 restart", "3000 restart"]);
});

test("a cut in which nobody answers changes no way, however long it is", () =>
  assert.deepEqual(tell([silent(1000), asks(1000), sounds(3000), answered(3000)], 9000), ["1000 restart"]));

test("what was agreed before a silence is no sign that signals pass", () =>
  assert.deepEqual(tell([silent(2000)], 20_000, { answers: [1000] }), ["2000 restart"]));

test("an offer without an answer is said again every two seconds, in silence and in sound", () => {
  assert.deepEqual(tell([asks(1000)], 7500), ["3000 repeat", "5000 repeat", "7000 repeat"]);
  assert.deepEqual(tell([asks(1000), answered(2500)], 7500), []);
  assert.deepEqual(tell([silent(0), asks(250)], 5000), ["0 restart", "2250 repeat", "4250 repeat"]);
});

test("after a cut that swallowed an answer, a blocked way is found as quickly as without one", () =>
  assert.deepEqual(tell([asks(0), silent(1000), answered(1250)], 9000, { answers: [1250] }), ["1000 restart", "1000 repeat", "2250 blocked"]));

test("a second silence begins from nothing", () =>
  assert.deepEqual(tell([silent(0), sounds(3000), silent(5000)], 20_000, { answers: [250] }), ["0 restart", "1250 blocked", "5000 restart"]));
