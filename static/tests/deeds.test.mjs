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

/** A line that looks open and may be dead: what is said over it has no answer until `heard`. */
function open() {
  const [said, asked] = [[], []];
  return { said, asked, deeds: new Deeds((message) => said.push(message) > 0, ({ type }) => asked.push(type)) };
}
test("what takes something back asks whether the line is alive, and nothing else does", () => {
  const { deeds, asked } = open();
  for (const message of [{ type: "end" }, { type: "admit", participant: "mei" }, { type: "leave" }]) deeds.say(message);
  assert.deepEqual(asked, ["end", "leave"]);
});
test("what was answered is not said again, but for a leave, which is answered by closing", () => {
  const { deeds, said } = open();
  deeds.say({ type: "record", do: "stop" });
  deeds.say({ type: "leave" });
  deeds.heard();
  assert.equal(deeds.leaves, true);
  deeds.lost();
  assert.equal(deeds.settle(), true);
  assert.deepEqual(said.slice(2), [{ type: "leave" }]);
  deeds.forget();
  assert.equal(deeds.leaves, false);
});
test("what went into a dead line is said again in its order, but no second step back", () => {
  const { deeds, said } = open();
  for (const message of [{ type: "leave" }, { type: "send_back", participant: "tom" }, { type: "record", do: "stop" }]) deeds.say(message);
  deeds.lost();
  deeds.lost();
  assert.equal(deeds.settle(), true);
  assert.deepEqual(said.slice(3), [{ type: "record", do: "stop" }, { type: "leave" }]);
});
