/**
 * Builds static/dist: one script a page, one style sheet, one icon sprite, images, fonts, and a manifest of their hashed names.
 *
 * Every src/pages/NAME.ts is an entry (NAME.js), so is every src/parts/NAME.ts (fetched later, by import()), css/app.css is app.css, and icons.svg holds exactly the Lucide icons that
 * templates, Python and TypeScript name. Files carry a hash of their content, so they may be cached for ever. The
 * manifest is written last and by rename: a server that reads it in the middle of a build sees the old set or the new one.
 */
import { createHash } from "node:crypto";
import { existsSync, watch } from "node:fs";
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import esbuild from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const dist = path.join(here, "dist");
const pages = path.join(here, "src", "pages");
const parts = path.join(here, "src", "parts");
/** Not a page: served at the root, see telegut/messaging/offline. */
const worker = path.join(here, "src", "worker", "service-worker.ts");
const images = path.join(here, "images");
const lucide = path.join(here, "node_modules", "lucide-static", "icons");

/** Where icon names are looked for. */
const ICON_SOURCES = [
  { folder: path.join(here, "..", "telegut"), ends: [".html", ".py"] },
  { folder: path.join(here, "src"), ends: [".ts"] },
];
/** `icon('mic')`, `icon="mic"`, `icon_name='mic'`, `icon: "mic"`, `"icon": "mic"`, and the macro `empty('inbox', …)`. */
const ICON = /(?:\bicon(?:_name)?["']?\s*[(:=]|\bempty\()\s*["']([a-z][a-z0-9-]*)["']/g;
/** `icon(on ? "mic" : "mic-off")`, `icon('check' if done else 'circle')`: further names of one call. */
const CHOICE = /\bicon\(([^()]*)/g;

/** A file of an older build is kept this long: a page that was open when we built may still ask for it. */
const KEEP_OLD_MS = 60 * 60 * 1000;

async function filesBelow(folder, ends) {
  const found = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && ends.some((end) => entry.name.endsWith(end))) found.push(path.join(entry.parentPath ?? entry.path, entry.name));
  }
  return found.sort();
}

function iconFile(name) {
  return path.join(lucide, `${name}.svg`);
}

async function iconNames() {
  const names = new Map();
  for (const { folder, ends } of ICON_SOURCES) {
    for (const file of await filesBelow(folder, ends)) {
      const text = await readFile(file, "utf8");
      for (const [, name] of text.matchAll(ICON)) if (!names.has(name)) names.set(name, file);
      for (const [, call] of text.matchAll(CHOICE)) {
        for (const [, name] of call.matchAll(/["']([a-z][a-z0-9-]*)["']/g)) if (!names.has(name) && existsSync(iconFile(name))) names.set(name, file);
      }
    }
  }
  return names;
}

/** One `<symbol>` an icon; colour, size and stroke come from `.icon` in the style sheet. */
async function sprite() {
  const symbols = [];
  for (const [name, file] of [...(await iconNames())].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!existsSync(iconFile(name))) throw new Error(`${path.relative(path.join(here, ".."), file)}: Lucide has no icon named "${name}"`);
    const body = (await readFile(iconFile(name), "utf8")).replace(/<!--[\s\S]*?-->/g, "").match(/<svg[^>]*>([\s\S]*)<\/svg>/)[1];
    symbols.push(`<symbol id="${name}" viewBox="0 0 24 24">${body.replace(/\s+/g, " ").trim()}</symbol>`);
  }
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`;
}

async function entries() {
  const scripts = [];
  for (const folder of [pages, parts]) {
    if (existsSync(folder)) for (const name of await readdir(folder)) if (name.endsWith(".ts")) scripts.push(path.join(folder, name));
  }
  return [...scripts, worker, path.join(here, "css", "app.css")];
}

async function bundle() {
  return esbuild.build({
    entryPoints: await entries(),
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    sourcemap: "linked",
    charset: "utf8",
    legalComments: "none",
    outdir: dist,
    entryNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    loader: { ".woff2": "file", ".woff": "empty" },
    metafile: true,
    write: true,
    logLevel: "warning",
  });
}

function manifestOf(metafile) {
  const manifest = {};
  for (const [output, facts] of Object.entries(metafile.outputs)) {
    if (!facts.entryPoint) continue;
    const { name, ext } = path.parse(facts.entryPoint);
    manifest[`${name}${ext === ".ts" ? ".js" : ext}`] = path.basename(output);
  }
  return manifest;
}

async function writeWhole(name, text) {
  const half = path.join(dist, `.${name}.${process.pid}`);
  await writeFile(half, text);
  await rename(half, path.join(dist, name));
}

async function writeHashed(name, content) {
  const { name: stem, ext } = path.parse(name);
  const hashed = `${stem}-${createHash("sha256").update(content).digest("hex").slice(0, 8)}${ext}`;
  await writeWhole(hashed, content);
  return hashed;
}

/** Squeezed once here instead of at every request; the server sends what the browser accepts. */
async function squeeze(file) {
  const bytes = await readFile(path.join(dist, file));
  await writeWhole(`${file}.gz`, gzipSync(bytes, { level: 9 }));
  await writeWhole(`${file}.br`, brotliCompressSync(bytes));
}

function report(name, bytes) {
  const kilobytes = (content) => `${(content.length / 1000).toFixed(1)} kB`;
  console.log(`${name.padEnd(24)} ${kilobytes(bytes).padStart(10)}   gzip ${kilobytes(gzipSync(bytes, { level: 9 })).padStart(9)}`);
}

async function sweep(current) {
  for (const name of await readdir(dist)) {
    const file = path.join(dist, name);
    if (current.has(name)) continue;
    const facts = await stat(file).catch(() => null);
    if (facts && Date.now() - facts.mtimeMs > KEEP_OLD_MS) await rm(file, { force: true, recursive: true });
  }
}

async function build() {
  const started = performance.now();
  await mkdir(dist, { recursive: true });
  const { metafile } = await bundle();
  const manifest = manifestOf(metafile);
  manifest["icons.svg"] = await writeHashed("icons.svg", await sprite());
  for (const name of await readdir(images)) manifest[name] = await writeHashed(name, await readFile(path.join(images, name)));
  for (const file of Object.values(manifest)) await squeeze(file);
  await writeWhole("manifest.json", `${JSON.stringify(manifest, Object.keys(manifest).sort(), 2)}\n`);
  await sweep(new Set(["manifest.json", ...Object.values(manifest).flatMap((file) => [file, `${file}.gz`, `${file}.br`]), ...Object.keys(metafile.outputs).map((output) => path.basename(output))]));
  for (const [name, file] of Object.entries(manifest)) report(name, await readFile(path.join(dist, file)));
  console.log(`built in ${Math.round(performance.now() - started)} ms`);
}

await build();
if (process.argv.includes("--watch")) {
  let due = null;
  const again = () => {
    clearTimeout(due);
    due = setTimeout(() => build().catch((problem) => console.error(problem.message)), 150);
  };
  for (const folder of [path.join(here, "src"), path.join(here, "css"), path.join(here, "..", "telegut")]) watch(folder, { recursive: true }, again);
}
