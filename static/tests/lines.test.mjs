/** Ways to the feed: when a socket counts as dead, and that long polls tell the same as a socket. */
import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.document = { documentElement: { lang: "en", dataset: {} }, querySelector: () => null, getElementById: () => null };
const { judge, PollLine, SocketLine } = await import(process.env.LINES_MODULE);

const OPEN = { openedAt: 0, welcomed: true, heardAt: 0, askedAt: null, sendingSince: null };
const PULSES = [
  ["a new one is given time", { ...OPEN, welcomed: false }, 11_000, "rest"],
  ["never welcomed", { ...OPEN, welcomed: false }, 12_000, "dead"],
  ["quiet for a while", OPEN, 19_000, "rest"],
  ["quiet for long", OPEN, 20_000, "ask"],
  ["asked, and still within its time", { ...OPEN, askedAt: 20_000 }, 29_000, "rest"],
  ["asked in vain", { ...OPEN, askedAt: 20_000 }, 30_000, "dead"],
  ["a laptop that slept asks before it judges", OPEN, 8 * 3_600_000, "ask"],
  ["a message has just left after a long quiet", { ...OPEN, sendingSince: 15_000 }, 18_000, "rest"],
  ["a message without an answer", { ...OPEN, sendingSince: 15_000 }, 19_000, "ask"],
  ["a message without an answer, asked in vain", { ...OPEN, sendingSince: 15_000, askedAt: 19_000 }, 29_000, "dead"],
  ["the server speaks, but never of the message", { ...OPEN, heardAt: 54_000, sendingSince: 15_000 }, 55_000, "dead"],
];

for (const [name, pulse, now, verdict] of PULSES) test(name, () => assert.equal(judge(pulse, now), verdict));

test("an idle dead way is given up below 60 s, whatever the beat", () => {
  let pulse = OPEN;
  let now = 0;
  for (; now < 60_000; now += 1000) {
    const verdict = judge(pulse, now);
    if (verdict === "ask") pulse = { ...pulse, askedAt: now };
    if (verdict === "dead") break;
  }
  assert.equal(now, 30_000);
});

function ear() {
  const [frames, ends] = [[], []];
  return { frames, ends, heard: (frame) => frames.push(frame), lost: (code) => ends.push(code) };
}

function answering(answers) {
  const asked = [];
  globalThis.fetch = (url, init) => {
    asked.push([init.method, url, init.body && JSON.parse(init.body)]);
    const answer = answers.shift();
    if (!answer) return new Promise((_, reject) => init.signal.addEventListener("abort", () => reject(new Error("aborted"))));
    const [status, body] = answer;
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  };
  return asked;
}

const soon = () => new Promise((resolve) => setTimeout(resolve, 20));
const answer = (cursor, items = [], resync_required = false) => [200, { account: "a", items, cursor, resync_required }];

test("long polls tell what a socket tells; only the last event carries the new cursor", async () => {
  const asked = answering([answer("c2", [{ type: "one" }, { type: "two" }])]);
  const hears = ear();
  const line = new PollLine(hears);
  line.open("c1");
  await soon();
  line.close();
  assert.deepEqual(hears.frames, [
    { type: "welcome", cursor: "c1", account: "a" },
    { type: "event", cursor: "c1", event: { type: "one" } },
    { type: "event", cursor: "c2", event: { type: "two" } },
  ]);
  assert.deepEqual(asked.map(([, url]) => url), ["/api/v1/events?cursor=c1&wait=0", "/api/v1/events?cursor=c2&wait=20"]);
  assert.deepEqual(hears.ends, []);
});

test("a cursor that is no good any more is said once, before and after the welcome", async () => {
  answering([answer("c5", [], true), answer("c9", [], true)]);
  const hears = ear();
  const line = new PollLine(hears);
  line.open("old");
  await soon();
  line.close();
  assert.deepEqual(hears.frames.map(({ type, cursor }) => [type, cursor]), [["resync_required", "c5"], ["resync_required", "c9"]]);
});

test("a message goes by POST under its own key; a refusal keeps what the server said", async () => {
  const asked = answering([answer("c1"), undefined, [201, { client_id: "m1", seq: 7 }], [422, { code: "urgent_unconfirmed", detail: "Call.", helplines: [1] }]]);
  const hears = ear();
  const line = new PollLine(hears);
  assert.equal(line.put({ type: "send" }), false);
  line.open(null);
  await soon();
  line.put({ type: "send", conversation: "k", client_id: "m1", body: "hello" });
  await soon();
  line.put({ type: "send", conversation: "k", client_id: "m2", body: "help" });
  await soon();
  assert.equal(line.put({ type: "typing", conversation: "k" }), false);
  line.close();
  assert.deepEqual(asked[2], ["POST", "/api/v1/conversations/k/messages", { client_id: "m1", body: "hello" }]);
  assert.deepEqual(hears.frames[1], { type: "sent", client_id: "m1", seq: 7 });
  const { client_id, problem } = hears.frames[2];
  assert.deepEqual([client_id, problem.status, problem.code, problem.helplines], ["m2", 422, "urgent_unconfirmed", [1]]);
});

test("signed out ends it for good, anything else is a way that was lost", async () => {
  for (const [status, code] of [[401, 4401], [503, 1006], [403, 1006]]) {
    answering([[status, {}]]);
    const hears = ear();
    new PollLine(hears).open(null);
    await soon();
    assert.deepEqual(hears.ends, [code]);
  }
});

test("a socket whose network has gone silent is asked, and given up", (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  let now = 0;
  t.mock.method(performance, "now", () => now);
  const said = [];
  globalThis.WebSocket = class {
    static OPEN = 1;
    readyState = 1;
    constructor() {
      queueMicrotask(() => undefined);
      globalThis.socket = this;
    }
    send(text) {
      said.push(JSON.parse(text).type);
    }
    close() {}
  };
  const hears = ear();
  const line = new SocketLine("ws://here/events", hears);
  line.open(null);
  const tick = (seconds) => {
    for (let n = 0; n < seconds; n += 1) {
      now += 1000;
      t.mock.timers.tick(1000);
    }
  };
  globalThis.socket.onopen();
  globalThis.socket.onmessage({ data: '{"type": "welcome", "cursor": "c"}' });
  tick(21);
  globalThis.socket.onmessage({ data: '{"type": "pong"}' });
  tick(19);
  assert.deepEqual([said, hears.ends], [["hello", "ping"], []]);
  line.put({ type: "send", client_id: "m" });
  tick(15);
  assert.deepEqual([said, hears.ends], [["hello", "ping", "send", "ping"], [1006]]);
  assert.deepEqual(hears.frames.map((frame) => frame.type), ["welcome"]);
});
