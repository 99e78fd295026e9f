/** This browser and push messages: turned on, turned off, and kept true from page to page. */
import { api } from "./api";

/** Which account's device this browser is, and where it was last reached. */
const KEY = "telegut-push";

interface Note {
  readonly account: string;
  readonly id: string;
  readonly endpoint: string;
}

export interface Device {
  readonly id: string;
  readonly name: string;
}

/** `missing`: this browser cannot; `denied`: its owner said no to it in the browser; `on`, `off`: as chosen here. */
export type PushState = "missing" | "denied" | "on" | "off";

function noted(): Note | null {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "null") as Note | null;
  } catch {
    return null;
  }
}

function note(value: Note | null): void {
  try {
    if (value) localStorage.setItem(KEY, JSON.stringify(value));
    else localStorage.removeItem(KEY);
  } catch {
    // Without storage the next page asks the browser again.
  }
}

/** The worker of this browser, registered if need be; null where there can be none. */
export async function register(): Promise<ServiceWorkerRegistration | null> {
  if (!("serviceWorker" in navigator)) return null;
  return navigator.serviceWorker.register("/service-worker.js", { scope: "/", updateViaCache: "none" });
}

export function canPush(): boolean {
  return "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
}

async function subscription(): Promise<PushSubscription | null> {
  const worker = await navigator.serviceWorker.getRegistration("/");
  return (await worker?.pushManager.getSubscription()) ?? null;
}

/** The id of this browser among the devices of *account*. */
export function thisDevice(account: string): string | null {
  const known = noted();
  return known?.account === account ? known.id : null;
}

export async function pushState(account: string): Promise<PushState> {
  if (!canPush()) return "missing";
  if (Notification.permission === "denied") return "denied";
  return thisDevice(account) && (await subscription()) ? "on" : "off";
}

/** Asks the browser, then tells the server. Must be called by a press of a button. */
export async function turnOn(account: string, key: string): Promise<PushState> {
  if ((await Notification.requestPermission()) !== "granted") return pushState(account);
  await register();
  const worker = await navigator.serviceWorker.ready;
  const found =
    (await worker.pushManager.getSubscription()) ??
    (await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }));
  await tell(account, found);
  return "on";
}

async function tell(account: string, found: PushSubscription): Promise<void> {
  const { id } = await api.post<Device>("/api/v1/me/push-devices", found.toJSON());
  note({ account, id, endpoint: found.endpoint });
}

/** This browser forgets its address, so nothing can be pushed to it; the server forgets it too. */
export async function turnOff(account: string): Promise<void> {
  const id = thisDevice(account);
  note(null);
  await (await subscription())?.unsubscribe();
  if (id) await api.delete(`/api/v1/me/push-devices/${id}`);
}

/**
 * On every page: the worker is there, the server has the address that this browser has now, and a browser that was
 * somebody else's device stops being it when *account* is signed in.
 */
export async function keepTrue(account: string): Promise<void> {
  if (!(await register()) || !canPush()) return;
  const known = noted();
  if (!known) return;
  const found = await subscription();
  if (known.account !== account) {
    note(null);
    await found?.unsubscribe();
  } else if (!found) note(null);
  else if (found.endpoint !== known.endpoint) await tell(account, found);
}
