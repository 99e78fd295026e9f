/** Frames, keys and words of an encrypted call, without a browser: RFC 9605's own examples, and who can open what. */
import assert from "node:assert/strict";
import { test } from "node:test";

const { SUITES, derive, header, readHeader, nonce, seal, unseal, Frames, clearBytes, Exchange, newSecret, Keyring, WORDS, wordsFor, commitment, fingerprintIn, Comparison } = await import(
  process.env.ENCRYPTION_MODULE
);

const hex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const text = (bytes) => Buffer.from(bytes).toString("hex");

// --- RFC 9605, appendix C

const HEADERS = [
  [0, 0, "00"],
  [0, 7, "07"],
  [7, 0, "70"],
  [0, 8, "0808"],
  [0, 255, "08ff"],
  [8, 8, "880808"],
  [255, 255, "88ffff"],
  [256, 256, "9901000100"],
  [0x123, 0x4567, "9901234567"],
];
for (const [id, counter, expected] of HEADERS) {
  test(`header of key ${id}, counter ${counter}`, () => {
    assert.equal(text(header(id, counter)), expected);
    assert.deepEqual(readHeader(hex(expected + "aabb")), { id, counter, length: expected.length / 2 });
  });
}

for (const broken of ["", "08", "99012345", "8007", "0807", "90000a", "ffffffffffffffffffffffffffffffffff"]) {
  test(`no header: ${broken}`, () => assert.equal(readHeader(hex(broken)), null));
}

const BASE = "000102030405060708090a0b0c0d0e0f";
const METADATA = "4945544620534672616d65205747";
const PLAIN = "64726166742d696574662d736672616d652d656e63";
const VECTORS = [
  ["AES_128_GCM_SHA256_128", "75234edefe07819026751816", "75234edefe07819026755d71", "9901234567b7412c2513a1b66dbb48841bbaf17f598751176ad847681a69c6d0b091c07018ce4adb34eb"],
  ["AES_256_GCM_SHA512_128", "84991c167b8cd23c93708ec7", "84991c167b8cd23c9370cba0", "990123456794f509d36e9beacb0e261d99c7d1e972f1fed787d4049f17ca21353c1cc24d56ceabced279"],
];
for (const [suite, salt, iv, sealed] of VECTORS) {
  test(`${suite} as in appendix C.3`, async () => {
    const key = await derive(SUITES[suite], 0x123, hex(BASE));
    assert.equal(text(key.salt), salt);
    assert.equal(text(nonce(key.salt, 0x4567)), iv);
    const frame = hex(METADATA + PLAIN);
    const made = await seal(key, 0x4567, frame, METADATA.length / 2);
    assert.equal(text(made), METADATA + sealed);
    assert.equal(text(await unseal(key, made, METADATA.length / 2)), METADATA + PLAIN);
  });
}

test("a single other bit, clear or sealed, opens nothing", async () => {
  const key = await derive(SUITES.AES_256_GCM_SHA512_128, 9, hex(BASE));
  const made = await seal(key, 5, hex(METADATA + PLAIN), 10);
  for (let at = 0; at < made.length; at += 1) {
    const other = made.slice();
    other[at] ^= 1;
    await assert.rejects(unseal(key, other, 10), undefined, `byte ${at}`);
  }
});

// --- frames

const frame = (bytes, type) => ({ data: Uint8Array.from(bytes).buffer, ...(type ? { type } : {}) });
const bytes = (count) => Array.from({ length: count }, (_, at) => at % 251);

test("what stays clear is what browsers read", () => {
  assert.equal(clearBytes(frame(bytes(100), "key")), 10);
  assert.equal(clearBytes(frame(bytes(100), "delta")), 3);
  assert.equal(clearBytes(frame(bytes(100))), 1);
  assert.equal(clearBytes(frame(bytes(2), "key")), 2);
});

test("frames pass from one to the other, and to nobody without the key", async () => {
  const missed = [];
  const [sender, receiver, stranger] = [new Frames(() => {}), new Frames(() => {}), new Frames((id) => missed.push(id))];
  const secret = newSecret();
  await sender.use({ ...secret, from: "" });
  await receiver.take({ ...secret, from: "lena" });
  for (const [type, count] of [["key", 4000], ["delta", 300], [undefined, 80], [undefined, 1]]) {
    const one = frame(bytes(count), type);
    assert.equal(await sender.seal(one), true);
    assert.ok(one.data.byteLength > count);
    const copy = { ...one, data: one.data.slice(0) };
    assert.equal(await receiver.open(one), true);
    assert.deepEqual([...new Uint8Array(one.data)], bytes(count));
    assert.equal(await stranger.open(copy), false);
  }
  assert.deepEqual(missed, [secret.id]);
});

test("nothing leaves without a key, and nothing unsealed is shown", async () => {
  const frames = new Frames(() => {});
  assert.equal(await frames.seal(frame(bytes(50), "key")), false);
  assert.equal(await frames.open(frame(bytes(50), "key")), false);
});

test("a frame waits for a key that is under way", async () => {
  const [sender, receiver] = [new Frames(() => {}), new Frames(() => {})];
  const secret = newSecret();
  await sender.use({ ...secret, from: "" });
  const one = frame(bytes(200), "delta");
  await sender.seal(one);
  const opening = receiver.open(one);
  await receiver.take({ ...secret, from: "lena" });
  assert.equal(await opening, true);
});

test("nobody takes the place of another's key, and who has left is not opened", async () => {
  const [sender, receiver] = [new Frames(() => {}), new Frames(() => {})];
  const secret = newSecret();
  await sender.use({ ...secret, from: "" });
  await receiver.take({ ...secret, from: "lena" });
  await receiver.take({ ...newSecret(), id: secret.id, from: "mallory" });
  const one = frame(bytes(200), "delta");
  await sender.seal(one);
  assert.equal(await receiver.open({ ...one, data: one.data.slice(0) }), true);
  receiver.forget("lena");
  assert.equal(await receiver.open(one), false);
});

test("a counter is never used twice with a key", async () => {
  const sender = new Frames(() => {});
  const secret = { ...newSecret(), from: "" };
  await sender.use(secret);
  const seen = new Set();
  for (let at = 0; at < 20; at += 1) {
    if (at === 10) await sender.use(secret);
    const one = frame(bytes(40), "delta");
    await sender.seal(one);
    seen.add(readHeader(new Uint8Array(one.data).subarray(3)).counter);
  }
  assert.equal(seen.size, 20);
});

// --- keys between browsers

test("a sealed key opens for whom it was meant, from whom it came, in that visit", async () => {
  const [lena, amara, eve] = await Promise.all([Exchange.make(), Exchange.make(), Exchange.make()]);
  const between = { visit: "v", from: "lena", to: "amara" };
  const secret = newSecret();
  const sealed = await lena.seal(secret, amara.half, between);
  const found = await amara.unseal(sealed, lena.half, between);
  assert.deepEqual([found.id, text(found.base)], [secret.id, text(secret.base)]);
  await assert.rejects(eve.unseal(sealed, lena.half, between));
  await assert.rejects(amara.unseal(sealed, eve.half, between));
  await assert.rejects(amara.unseal(sealed, lena.half, { ...between, visit: "w" }));
  await assert.rejects(amara.unseal(sealed, lena.half, { ...between, from: "eve" }));
  assert.ok(!sealed.includes(Buffer.from(secret.base).toString("base64url").slice(0, 12)));
});

/** People in a room whose messages pass at once; *lost* says which do not. */
function room(t, lost = () => false) {
  const people = new Map();
  const passed = [];
  const made = [];
  const join = (name) => {
    const one = { name, used: [], opens: new Map(), left: new Set() };
    one.ring = new Keyring("v", name, {
      send: (message) => {
        passed.push(message);
        if (!lost(message, name)) queueMicrotask(() => people.get(message.to)?.ring.hear({ ...message, from: name }));
      },
      use: (secret) => one.used.push(secret.id),
      take: (from, secret) => one.opens.set(secret.id, from),
      forget: (from) => one.left.add(from),
    });
    people.set(name, one);
    made.push(one);
    return one;
  };
  const tell = () => {
    for (const one of people.values()) one.ring.with([...people.keys()].filter((name) => name !== one.name));
  };
  t.after(() => made.forEach((one) => one.ring.close())); // their clocks would keep the test running
  return { people, passed, join, tell };
}

async function eventually(holds) {
  for (const until = Date.now() + 10_000; Date.now() < until; await new Promise((go) => setTimeout(go, 5))) if (holds()) return;
  assert.fail("it never came about");
}

const opensAll = (people) => () => [...people.values()].every((one) => [...people.values()].every((other) => one === other || one.opens.get(other.used.at(-1)) === other.name));

test("keys are remade whenever somebody comes or goes", async (t) => {
  const { people, passed, join, tell } = room(t);
  const [amara, lena] = [join("amara"), join("lena")];
  tell();
  await eventually(opensAll(people));
  const early = [...amara.used, ...lena.used];
  const mira = join("mira");
  tell();
  await eventually(opensAll(people));
  assert.ok(early.every((id) => !mira.opens.has(id)), "a newcomer has no earlier key");
  assert.ok(!early.includes(amara.used.at(-1)));

  people.delete("mira");
  const [before, last] = [mira.opens.size, amara.used.at(-1)];
  tell();
  await eventually(() => amara.used.at(-1) !== last && opensAll(people)());
  assert.ok(!mira.opens.has(amara.used.at(-1)) && !mira.opens.has(lena.used.at(-1)), "who has left has no later key");
  assert.equal(mira.opens.size, before);
  assert.ok(amara.left.has("mira"));
  for (const message of passed) assert.ok(message.half.length <= 100 && (message.sealed ?? "x").length <= 200);
});

test("a reload is a new beginning: its page gets keys, and everybody makes others", async (t) => {
  const { people, join, tell } = room(t);
  const [amara, lena] = [join("amara"), join("lena")];
  tell();
  await eventually(opensAll(people));
  const before = amara.used.at(-1);
  lena.ring.close();
  join("lena");
  tell();
  await eventually(() => amara.used.at(-1) !== before && opensAll(people)());
});

test("a lost message is made good", async (t) => {
  let losing = 3;
  const { people, join, tell } = room(t, () => losing-- > 0);
  join("amara");
  join("lena");
  tell();
  await eventually(opensAll(people));
});

// --- words

const PRINT = "sha-256 " + Array.from({ length: 32 }, (_, at) => at.toString(16).padStart(2, "0").toUpperCase()).join(":");
const SDP = `v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=fingerprint:${PRINT}\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=fingerprint:${PRINT}\r\n`;
const OTHER = PRINT.replace("1F", "2F");

test("256 different words, each of small letters", () => {
  assert.equal(new Set(WORDS).size, 256);
  for (const word of WORDS) assert.match(word, /^[a-z]{3,9}$/);
});

test("a description's fingerprint, when it is one", () => {
  assert.equal(fingerprintIn(SDP), PRINT);
  assert.equal(fingerprintIn(SDP.toLowerCase().replace("sha-256", "SHA-256")), PRINT);
  assert.equal(fingerprintIn(SDP.replace("1F", "2F")), null);
  assert.equal(fingerprintIn("v=0\r\n"), null);
});

test("both ends have the same words, another certificate or number has others", async () => {
  const [one, other] = [{ fingerprint: PRINT, number: new Uint8Array(16) }, { fingerprint: OTHER, number: new Uint8Array(16).fill(1) }];
  const words = await wordsFor(one, other);
  assert.equal(words, await wordsFor(other, one));
  assert.equal(words.split(" ").length, 3);
  assert.notEqual(words, await wordsFor(one, { ...other, fingerprint: PRINT }));
  assert.notEqual(words, await wordsFor(one, { ...other, number: new Uint8Array(16).fill(2) }));
  assert.notEqual(await commitment(one), await commitment(other));
});

/** Two ends; *between* may change what passes and what each believes the other's certificate to be. */
async function compare({ change = (proof) => proof, seenByLena = OTHER, seenByAmara = PRINT } = {}) {
  const said = {};
  const told = [];
  const amara = new Comparison((proof) => (told.push(["amara", Object.keys(proof)[0]]), void lena.hear(change(proof, "amara"))), (words) => (said.amara = words));
  const lena = new Comparison((proof) => (told.push(["lena", Object.keys(proof)[0]]), void amara.hear(change(proof, "lena"))), (words) => (said.lena = words));
  const sdp = (print) => SDP.replaceAll(PRINT, print);
  await Promise.all([amara.begin(sdp(OTHER), sdp(seenByAmara)), lena.begin(sdp(PRINT), sdp(seenByLena))]);
  await eventually(() => "amara" in said && "lena" in said);
  return { said, told };
}

test("an honest way gives both the same words, hashes first", async () => {
  const { said, told } = await compare();
  assert.equal(said.amara, said.lena);
  assert.match(said.lena, /^[a-z]+ [a-z]+ [a-z]+$/);
  assert.deepEqual(told.map(([, what]) => what).sort(), ["hash", "hash", "number", "number"]);
  for (const who of ["amara", "lena"]) assert.ok(told.findIndex(([from, what]) => from === who && what === "number") > told.findIndex(([from, what]) => from !== who && what === "hash"));
});

test("hash and number go along with the descriptions, and one number follows", async () => {
  const said = {};
  const told = [];
  const amara = new Comparison((proof) => (told.push(Object.keys(proof).join()), void lena.hear(proof)), (words) => (said.amara = words));
  const lena = new Comparison((proof) => (told.push(Object.keys(proof).join()), void amara.hear(proof)), (words) => (said.lena = words));
  const sdp = (print) => SDP.replaceAll(PRINT, print);
  const offered = await amara.along(sdp(OTHER));
  await lena.hear(offered, true);
  const answered = await lena.along(sdp(PRINT));
  await amara.hear(answered, true);
  assert.deepEqual([Object.keys(offered), Object.keys(answered)], [["hash"], ["hash", "number"]]); // nobody's number before the other's hash
  await Promise.all([amara.begin(sdp(OTHER), sdp(PRINT)), lena.begin(sdp(PRINT), sdp(OTHER))]);
  await eventually(() => "amara" in said && "lena" in said);
  assert.equal(said.amara, said.lena);
  assert.match(said.lena, /^[a-z]+ [a-z]+ [a-z]+$/);
  assert.deepEqual(told, ["number"]);
  assert.equal(await amara.along(sdp(OTHER)), undefined); // a later description has nothing of it
});

test("whoever has read no commitment with a description is told it by itself", async () => {
  const told = [];
  const amara = new Comparison((proof) => told.push(Object.keys(proof).join()), () => {});
  await amara.along(SDP);
  await amara.hear({ hash: "theirs" });
  await amara.begin(SDP, SDP);
  assert.deepEqual(told, ["hash", "number"]);
});

test("signalling that puts another certificate in gives no words, or others", async () => {
  const { said } = await compare({ seenByLena: OTHER.replace("00:", "AA:"), seenByAmara: PRINT.replace("00:", "AA:") });
  assert.deepEqual(said, { amara: null, lena: null }); // the hashes were of other certificates
});

test("whoever sits in between and speaks for itself to both gives them different words", async () => {
  const said = [];
  for (const [own, theirs] of [[PRINT, OTHER.replace("00:", "AA:")], [OTHER, PRINT.replace("00:", "BB:")]]) {
    const words = await new Promise((done) => {
      const honest = new Comparison((proof) => void between.hear(proof), done);
      const between = new Comparison((proof) => void honest.hear(proof), () => {});
      const sdp = (print) => SDP.replaceAll(PRINT, print);
      void honest.begin(sdp(own), sdp(theirs));
      void between.begin(sdp(theirs), sdp(own));
    });
    assert.ok(words);
    said.push(words);
  }
  assert.notEqual(said[0], said[1]);
});

test("a number that does not fit its hash is refused", async () => {
  const { said } = await compare({ change: (proof, from) => (from === "lena" && proof.number ? { number: "A".repeat(22) } : proof) });
  assert.equal(said.amara, null);
});
