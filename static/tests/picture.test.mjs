/** How light and how sharp a picture is: `node --test`, with the module under test bundled by tests/pages/test_models.py. */
import assert from "node:assert/strict";
import { test } from "node:test";

const { judge, lightOf, sharpnessOf } = await import(process.env.PICTURE_MODULE);

const W = 64;
const picture = (of) => ({ width: W, height: W, data: Uint8ClampedArray.from({ length: 4 * W * W }, (_, at) => (at % 4 === 3 ? 255 : of(Math.floor(at / 4) % W, Math.floor(at / 4 / W)))) });
const even = (value) => picture(() => value);
const stripes = picture((x) => (Math.floor(x / 8) % 2 ? 200 : 60));
/** The same stripes out of focus: each edge is spread over sixteen pixels. */
const blurred = picture((x) => 130 + 70 * Math.sin((Math.PI * x) / 8));

test("light is the mean luma", () => {
  assert.equal(Math.round(lightOf(even(0))), 0);
  assert.equal(Math.round(lightOf(even(255))), 255);
  assert.equal(Math.round(lightOf(stripes)), 130);
  assert.equal(lightOf({ width: 0, height: 0, data: [] }), 0);
});

test("green is lighter than blue", () => {
  const of = (r, g, b) => ({ width: 1, height: 1, data: [r, g, b, 255] });
  assert.ok(lightOf(of(0, 255, 0)) > 4 * lightOf(of(0, 0, 255)));
});

test("edges are sharp, an even area and a blurred one are not", () => {
  assert.equal(sharpnessOf(even(120)), 0);
  assert.ok(sharpnessOf(stripes) > 10 * sharpnessOf(blurred));
  assert.equal(sharpnessOf({ width: 2, height: 2, data: new Array(16).fill(9) }), 0);
});

test("what is said of a picture", () => {
  assert.deepEqual(judge(stripes), { light: "good", sharp: true });
  assert.deepEqual(judge(even(20)), { light: "dark", sharp: false });
  assert.deepEqual(judge(even(240)), { light: "bright", sharp: false });
});
