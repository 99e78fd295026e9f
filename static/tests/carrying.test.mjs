/** What a call carries, as tables: grades, the ladder down and up, what is sent on each rung, what is looked at, the words. */
import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.document = { documentElement: { lang: "en", dataset: {} }, querySelector: () => null, getElementById: () => null };
const { Silences, aloneWords, asCarried, awayWords, begin, encodings, endsWords, grades, load, lobbyWords, look, next, ownWords, putBack, sends, theirWords, told } = await import(process.env.CARRYING_MODULE);

const still = { at: 1000, packets: 100, lost: 0, frames: 0, heard: 100, rtt: 0.05, upLost: 0, room: null, framesSent: 10 };
const later = (change) => ({ ...still, at: 2000, packets: 200, heard: 200, framesSent: 30, ...change });

const GRADES = [
  [{}, "excellent", "excellent"],
  [{ lost: 5 }, "excellent", "good"],
  [{ lost: 30 }, "excellent", "poor"],
  [{ upLost: 0.05 }, "good", "excellent"],
  [{ upLost: 0.2 }, "poor", "excellent"],
  [{ rtt: 0.4 }, "good", "good"],
  [{ rtt: 0.9 }, "poor", "poor"],
];
for (const [change, up, down] of GRADES) {
  test(`up ${up}, down ${down}: ${JSON.stringify(change)}`, () => assert.deepEqual(grades(still, later(change), 2000), { up, down }));
}
test("silence is lost after three seconds, both ways", () => {
  assert.deepEqual(grades(still, later({ at: 4999 }), 2000), { up: "excellent", down: "excellent" });
  assert.deepEqual(grades(still, later({ at: 5000 }), 2000), { up: "lost", down: "lost" });
});

const LOADS = [
  [{}, "video", "clear"],
  [{ rtt: 2 }, "video", "clear"],
  [{ upLost: 0.05 }, "video", "clear"],
  [{ upLost: 0.2 }, "video", "strained"],
  [{ upLost: 0.2 }, "low", "clear"],
  [{ upLost: 0.3 }, "low", "strained"],
  [{ upLost: 0.3 }, "audio", "clear"],
  [{ upLost: 0.5 }, "audio", "strained"],
  [{ room: 100_000 }, "video", "strained"],
  [{ room: 100_000 }, "low", "clear"],
  [{ room: 20_000 }, "low", "strained"],
  [{ room: 20_000, framesSent: 10 }, "low", "clear"],
  [{ at: 6000 }, "video", "lost"],
];
const long = { silentAfter: 3000, carriesSince: -60_000 };
for (const [change, sending, word] of LOADS) {
  test(`a way is ${word} for ${sending}: ${JSON.stringify(change)}`, () => assert.equal(load(still, later(change), 2000, sending, long), word));
}
test("strain says nothing yet of a way that has just begun, or come again", () => {
  const since = (carriesSince) => load(still, later({ upLost: 0.5 }), 2000, "video", { ...long, carriesSince });
  assert.deepEqual([since(1900), since(-5900), since(-6000)], ["fresh", "fresh", "strained"]);
  assert.equal(load(still, later({}), 2000, "video", { ...long, carriesSince: 1900 }), "clear");
});

/** Each second of a word, as in "strained*5 clear*9"; the rungs that are come to, in order. */
function climb(words, from = begin(0)) {
  let ladder = from;
  let now = from.since;
  const rungs = [];
  for (const word of words.split(" ").flatMap((part) => Array(Number(part.split("*")[1])).fill(part.split("*")[0]))) {
    now += 1000;
    const before = ladder.rung;
    ladder = next(ladder, word, now);
    if (ladder.rung !== before) rungs.push(ladder.rung);
  }
  return { ladder, rungs };
}

const CLIMBS = [
  ["clear*60", []],
  ["strained*4", []],
  ["strained*5", ["low"]],
  ["strained*4 clear*1 strained*4", []],
  ["strained*30", ["low", "audio", "text"]],
  ["strained*30 clear*30", ["low", "audio", "text", "audio", "low", "video"]],
  ["strained*5 clear*10", ["low", "video"]],
  ["lost*6", []],
  ["lost*7", ["text"]],
  ["lost*30 clear*2", ["text", "video"]],
  ["strained*5 lost*30 clear*2", ["low", "text", "low"]],
  ["lost*30 strained*2", ["text", "video"]],
  ["fresh*60", []],
  ["strained*3 fresh*1 strained*3", []],
  ["lost*30 fresh*8 clear*30", ["text", "video"]],
  ["strained*5 lost*30 fresh*2", ["low", "text", "low"]],
];
for (const [words, rungs] of CLIMBS) test(`${words}: ${rungs.join(", ") || "stays"}`, () => assert.deepEqual(climb(words).rungs, rungs));

test("a step up that fails doubles the wait, one that holds makes it short again", () => {
  const { ladder } = climb("strained*5 clear*10 strained*5"); // up to video, and down again within 20 s
  assert.equal(ladder.patience, 2);
  assert.deepEqual(climb("clear*15", ladder).rungs, []);
  assert.deepEqual(climb("clear*17", ladder).rungs, ["video"]);
  assert.equal(climb("clear*45", ladder).ladder.patience, 1);
});
test("the wait grows to sixteen times and no further", () => {
  let { ladder } = climb("strained*5");
  for (let tries = 0; tries < 10; tries += 1) ({ ladder } = climb(`clear*${8 * ladder.patience + 1} strained*5`, ladder));
  assert.equal(ladder.patience, 16);
});
test("others are not told that a line is weak which was cut", () => {
  assert.deepEqual([told(climb("lost*30").ladder), told(climb("strained*5 lost*30").ladder), told(climb("strained*30").ladder)], ["video", "low", "text"]);
});
test("a line that was cut goes on sending what it did, and a narrow one its voice", () => {
  assert.equal(sends(climb("lost*30").ladder), "video");
  assert.equal(sends(climb("strained*30").ladder), "audio");
});

const LAYERS = [{ rid: "h", maxBitrate: 1_000_000 }, { rid: "l", maxBitrate: 180_000 }];
const ENCODINGS = [
  [LAYERS, "video", [true, true]],
  [LAYERS, "low", [false, true]],
  [LAYERS, "audio", [false, false]],
  [[{}], "video", [true]],
  [[{}], "low", [true]],
  [[{}], "audio", [false]],
];
for (const [before, rung, active] of ENCODINGS) {
  test(`${before.length} layers on ${rung}`, () => assert.deepEqual(encodings(before, rung).map((one) => one.active), active));
}
test("one layer is made small and whole again", () => {
  const low = encodings([{ priority: "low" }], "low");
  assert.equal(low[0].scaleResolutionDownBy, 2);
  assert.deepEqual(encodings(low, "video"), [{ priority: "low", active: true }]);
});

test("hidden pictures and small ones are told apart", () => {
  const tile = (account, visible, width) => ({ account, visible, width });
  assert.deepEqual(look([tile("b", false, 900), tile("a", true, 640), tile("c", true, 641), tile("d", true, 100)]), {
    hidden: ["b/camera"],
    small: ["a/camera", "d/camera"],
  });
});

const lost = { up: "lost", down: "lost" };
const poor = { up: "good", down: "poor" };
const OWN = [
  [null, "video", false, /^$/],
  [poor, "video", false, /^$/],
  [null, "low", false, /smaller picture/],
  [null, "audio", false, /only your voice/],
  [null, "text", false, /write to each other/],
  [lost, "video", false, /Trying again/],
  [lost, "text", false, /write to each other/],
  [null, "video", true, /phone call/],
];
for (const [own, rung, held, words] of OWN) test(`own words on ${rung}${held ? ", held" : ""}: ${words}`, () => assert.match(ownWords(own, rung, held), words));

const AWAY = [
  [null, /Trying again/],
  [lost, /Trying again/],
  [poor, /Picture and sound go on/],
];
for (const [own, words] of AWAY) test(`our server is away: ${words}`, () => assert.match(awayWords(own), words));
test("while our server is away nobody is told twice, nor sent to a chat that is away too", () => {
  assert.deepEqual([ownWords(lost, "video", false, true), ownWords(lost, "text", false, true), ownWords(null, "text", false, true)], ["", "", ""]);
  assert.match(ownWords(poor, "low", false, true), /smaller picture/);
});
test("a line on which less is sent is not called excellent", () => {
  const well = { up: "excellent", down: "good" };
  assert.deepEqual(["video", "low", "audio"].map((rung) => asCarried(well, rung).up), ["excellent", "poor", "poor"]);
  assert.deepEqual(asCarried(lost, "audio"), lost);
});

const status = { mic: true, camera: true };
const THEIRS = [
  [status, null, false, /^$/],
  [{ ...status, sends: "low" }, null, false, /^$/],
  [{ ...status, sends: "audio" }, null, true, /only the voice comes/],
  [{ ...status, sends: "text" }, null, true, /write to each other/],
  [{ ...status, held: true }, null, false, /phone call/],
  [status, poor, true, /too weak for Lena's picture/],
  [status, poor, false, /^$/],
  [{ ...status, camera: false }, poor, true, /^$/],
];
for (const [said, own, stopped, words] of THEIRS) test(`their words: ${words} ${JSON.stringify(said)}`, () => assert.match(theirWords("Lena", said, own, stopped), words));

test("one word for a line that is alike both ways, two for one that is not", () => {
  assert.equal(endsWords({ up: "excellent", down: "excellent" }), "Connection excellent");
  assert.equal(endsWords({ up: "poor", down: "good" }), "Sending poor, receiving good");
});

// Before the door: where one was, step by step, and what is said then.
const DOOR = [
  ["checking", /Tell us when you are ready/],
  ["checking waiting", /sees that you are waiting/],
  ["checking waiting inside", /./],
  ["checking waiting inside waiting", /back in the waiting room.*when Amara lets you in/],
  ["checking waiting inside waiting waiting", /back in the waiting room/],
  ["checking waiting inside waiting inside left checking", /Tell us when you are ready/],
  ["checking waiting checking", /cannot let you in right now/],
  ["checking waiting checking checking", /cannot let you in right now/],
  ["checking waiting checking waiting", /sees that you are waiting/],
];
const amara = { account: "a", name: "Amara", host: true, state: "inside" };
for (const [steps, words] of DOOR) {
  test(`before the door, ${steps}: ${words}`, () => {
    let [before, back] = [null, null];
    for (const now of steps.split(" ")) [back, before] = [putBack(before, now, back), now];
    const mine = { account: "me", name: "Lena", host: false, state: before };
    assert.match(lobbyWords({ participants: [amara, mine] }, mine, back), words);
  });
}

test("two who are not here, or see somebody wait, are told as two", () => {
  const jonas = { account: "j", name: "Jonas", host: true, state: "expected" };
  const mine = { account: "me", name: "Lena", host: false, state: "waiting" };
  const said = (one, two, me = mine) => lobbyWords({ participants: [one, two, me] }, me, null);
  assert.match(said({ ...amara, state: "expected" }, jonas), /Amara and Jonas are not here yet/);
  assert.match(said(amara, jonas), /Amara sees that you are waiting/);
  assert.match(said(amara, { ...jonas, state: "inside" }), /Amara and Jonas see that/);
  assert.match(said(amara, { ...jonas, state: "inside" }, { ...mine, state: "checking" }), /Amara and Jonas are there/);
});
test("who is alone is told whether somebody has left", () => {
  const host = { account: "h", name: "Amara", host: true, state: "inside" };
  const guest = { account: "g", name: "Lena", host: false, state: "left" };
  assert.match(aloneWords({ participants: [host, { ...guest, state: "expected" }] }, "h"), /Nobody else is in the room yet/);
  assert.match(aloneWords({ participants: [host, guest] }, "h"), /Lena has left, and can ask/);
  assert.match(aloneWords({ participants: [{ ...host, state: "left" }, { ...guest, state: "inside" }] }, "g"), /Amara has left.*over for you/);
});

test("silence is told at once, and only when something is new", () => {
  const silences = new Silences();
  silences.notice([], ["lena"], 1000);
  assert.deepEqual(silences.news(1000), { people: [], heard: ["lena"], ago: {}, past: [] });
  silences.told();
  assert.equal(silences.news(2000), null);
  silences.notice(["lena"], [], 3000);
  assert.deepEqual(silences.news(3000), { people: ["lena"], heard: [], ago: { lena: 0 }, past: [] });
  silences.told();
  silences.notice([], [], 4000); // nothing is known of her: it goes on
  assert.equal(silences.news(4000), null);
  silences.notice([], ["lena"], 5000);
  assert.deepEqual(silences.news(5000), { people: [], heard: ["lena"], ago: {}, past: [] });
});
test("what could not be told is told later, with how long ago it was", () => {
  const silences = new Silences();
  silences.notice(["lena", "mei"], [], 10_000);
  silences.news(10_000); // nobody hears it
  silences.notice(["lena"], ["mei"], 22_000);
  assert.deepEqual(silences.news(30_000), { people: ["lena"], heard: ["mei"], ago: { lena: 20 }, past: [{ account: "mei", ago: 20, until: 8 }] });
  silences.told();
  assert.equal(silences.news(31_000), null);
  silences.again(); // the server is another one: what is over is not said twice
  assert.deepEqual(silences.news(32_000), { people: ["lena"], heard: ["mei"], ago: { lena: 22 }, past: [] });
});
test("what the server knows of is not told as over as well", () => {
  const silences = new Silences();
  silences.notice(["lena"], [], 1000);
  silences.told();
  silences.notice([], ["lena"], 9000);
  assert.deepEqual(silences.news(9000).past, []);
});
test("of many short ones the last twenty are kept", () => {
  const silences = new Silences();
  for (let at = 0; at < 60_000; at += 2000) {
    silences.notice(["lena"], [], at);
    silences.notice([], ["lena"], at + 1000);
  }
  assert.equal(silences.news(60_000).past.length, 20);
  silences.clear();
  assert.equal(silences.news(60_000), null);
});
