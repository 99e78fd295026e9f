/** What a person does while the connection is away: kept until it is back, or said to be undone; never lost without a word. */
import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.document = { documentElement: { lang: "en", dataset: {} }, querySelector: () => null, getElementById: () => null };
const { Deeds, takesBack } = await import(process.env.DEEDS_MODULE);

const KEPT = [
  [{ type: "leave" }, true],
  [{ type: "end" }, true],
  [{ type: "remove", participant: "tom" }, true],
  [{ type: "send_back", participant: "tom" }, true],
  [{ type: "record", do: "no" }, true],
  [{ type: "record", do: "stop" }, true],
  [{ type: "record", do: "yes" }, false],
  [{ type: "record", do: "ask" }, false],
  [{ type: "consent", agreed: false }, true],
  [{ type: "consent", agreed: true }, false],
  [{ type: "panels_answer", agreed: false }, true],
  [{ type: "panels", shown: false }, true],
  [{ type: "panels", shown: true }, false],
  [{ type: "admit", participant: "tom" }, false],
  [{ type: "hand", raised: true }, false],
  [{ type: "status" }, false],
];
for (const [message, kept] of KEPT) test(`${JSON.stringify(message)} is ${kept ? "" : "not "}kept`, () => assert.equal(takesBack(message), kept));

function line() {
  const heard = [];
  const to = { stands: true, heard, deeds: new Deeds((message) => to.stands && heard.push(message) > 0) };
  return to;
}
test("what is said over a line that stands is said once", () => {
  const to = line();
  assert.equal(to.deeds.say({ type: "end" }), true);
  assert.equal(to.deeds.settle(), false);
  assert.deepEqual(to.heard, [{ type: "end" }]);
});
test("what takes something back is said when the line is back, in its order and once each", () => {
  const to = line();
  to.stands = false;
  for (const message of [{ type: "record", do: "stop" }, { type: "remove", participant: "tom" }, { type: "record", do: "stop" }, { type: "admit", participant: "mei" }]) assert.equal(to.deeds.say(message), false);
  to.stands = true;
  assert.equal(to.deeds.settle(), false);
  assert.deepEqual(to.heard, [{ type: "record", do: "stop" }, { type: "remove", participant: "tom" }]);
  to.deeds.settle();
  assert.equal(to.heard.length, 2);
});
test("who left says so after all else, unless they want to come back", () => {
  const to = line();
  to.stands = false;
  to.deeds.say({ type: "leave" });
  to.deeds.say({ type: "record", do: "stop" });
  assert.equal(to.deeds.leaves, true);
  to.stands = true;
  assert.equal(to.deeds.settle(), true);
  assert.deepEqual(to.heard, [{ type: "record", do: "stop" }, { type: "leave" }]);
  to.stands = false;
  to.deeds.say({ type: "leave" });
  to.deeds.forget();
  to.stands = true;
  assert.equal(to.deeds.settle(), false);
});
