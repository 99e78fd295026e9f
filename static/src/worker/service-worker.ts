/**
 * The service worker: shows what is pushed, and one page of ours when there is no connection.
 *
 * It keeps that page and its looks and nothing else: no page, answer or file of anybody's is ever put in a cache. The server
 * writes `self.KEPT` before this script; any change of it, or here, makes a new worker. A new one takes over at once: no
 * open page depends on which one is there.
 */
interface Kept {
  readonly version: string;
  readonly page: string;
  readonly looks: readonly string[];
}

interface Extendable extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface FetchAsked extends Extendable {
  readonly request: Request;
  readonly preloadResponse: Promise<Response | undefined>;
  respondWith(answer: Promise<Response>): void;
}

interface Pushed extends Extendable {
  readonly data: { json(): unknown } | null;
}

interface NoticePressed extends Extendable {
  readonly notification: Notification;
}

interface Tab {
  readonly url: string;
  focus(): Promise<unknown>;
}

interface Worker {
  readonly KEPT: Kept;
  readonly location: Location;
  readonly registration: ServiceWorkerRegistration;
  readonly clients: {
    matchAll(options: object): Promise<readonly Tab[]>;
    openWindow(url: string): Promise<unknown>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate" | "pushsubscriptionchange", listen: (event: Extendable) => void): void;
  addEventListener(type: "fetch", listen: (event: FetchAsked) => void): void;
  addEventListener(type: "push", listen: (event: Pushed) => void): void;
  addEventListener(type: "notificationclick", listen: (event: NoticePressed) => void): void;
}

const worker = self as unknown as Worker;
const { KEPT: kept } = worker;
const PREFIX = "telegut-offline-";
const SHELF = PREFIX + kept.version;

/** Asked for without cookies: what is kept is what everybody may see. */
async function keep(): Promise<void> {
  const shelf = await caches.open(SHELF);
  await shelf.addAll([kept.page, ...kept.looks].map((url) => new Request(url, { credentials: "omit", cache: "no-cache" })));
  await worker.skipWaiting();
}

async function takeOver(): Promise<void> {
  for (const name of await caches.keys()) if (name.startsWith(PREFIX) && name !== SHELF) await caches.delete(name);
  await worker.registration.navigationPreload?.enable();
}

/** The page that was asked for; ours when nobody answers. What the server answers, even that it is busy, is shown as it is. */
async function opened(event: FetchAsked): Promise<Response> {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch (problem) {
    const page = await caches.match(kept.page, { cacheName: SHELF });
    if (page) return page;
    throw problem;
  }
}

/** The looks of our page have a hash in their names: what is kept under a name is what would be fetched. */
async function look(request: Request): Promise<Response> {
  return (await caches.match(request, { cacheName: SHELF, ignoreVary: true })) ?? fetch(request);
}

interface Said {
  readonly title: string;
  readonly body: string;
  readonly link: string;
  readonly tag: string;
}

/** What was pushed. A message that cannot be read still says that there is something: browsers want each push to be seen. */
function said(event: Pushed): Said {
  const found: Record<string, unknown> = {};
  try {
    Object.assign(found, event.data?.json());
  } catch {
    // Not ours, or cut short.
  }
  const text = (name: string, otherwise: string): string => (typeof found[name] === "string" ? (found[name] as string) : otherwise);
  const link = text("link", "/messages");
  const own = new URL(link, worker.location.origin).origin === worker.location.origin;
  return { title: text("title", "telegut"), body: text("body", "A new message"), link: own ? link : "/messages", tag: text("tag", "telegut") };
}

async function show(event: Pushed): Promise<void> {
  const { title, body, link, tag } = said(event);
  await worker.registration.showNotification(title, { body, tag, data: { link } });
}

/** Straight to what it is about; where nobody is signed in, by the sign-in page. A tab that shows something else is left alone. */
async function follow(notice: Notification): Promise<void> {
  notice.close();
  const { link } = notice.data as { link: string };
  const wanted = new URL(link, worker.location.origin);
  const tabs = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = tabs.find((tab) => new URL(tab.url).pathname === wanted.pathname);
  await (there ? there.focus() : worker.clients.openWindow(wanted.href));
}

/** A browser that changes its address subscribes anew here; the next page of ours tells the server (`lib/push.ts`). */
async function renew(): Promise<void> {
  const before = await worker.registration.pushManager.getSubscription();
  const key = before?.options.applicationServerKey;
  if (key) await worker.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

worker.addEventListener("install", (event) => event.waitUntil(keep()));
worker.addEventListener("activate", (event) => event.waitUntil(takeOver()));
worker.addEventListener("push", (event) => event.waitUntil(show(event)));
worker.addEventListener("notificationclick", (event) => event.waitUntil(follow(event.notification)));
worker.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew()));
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(opened(event));
  else if (kept.looks.includes(new URL(request.url).pathname)) event.respondWith(look(request));
});

export {};
