/** Talking to the API: one key an intention, so that a try whose answer was lost can be repeated without a second effect. */
import { _ } from "./words";

export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** A refusal by the server (RFC 9457), or the network's silence, in words for the person. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly errors: readonly FieldError[] = [],
    /** Everything the server said, for example the current state of a 409. */
    readonly body: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail || title);
    this.name = "Problem";
  }

  /** Nobody answered: nothing is known about the effect, and a retry with the same key is safe. */
  get offline(): boolean {
    return this.status === 0;
  }
}

export interface Options {
  readonly signal?: AbortSignal;
  /**
   * Give one when the same intention may be sent from two places, such as a draft that survives a reload. Null: a second try may
   * have an effect of its own, and no answer is kept.
   */
  readonly key?: string | null;
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | null | undefined>>;
}

export interface ItemPage<T> {
  readonly items: T[];
  readonly next: string | null;
}

export const api = {
  get: <T>(path: string, options?: Options): Promise<T> => request<T>("GET", path, undefined, options),
  post: <T>(path: string, body?: unknown, options?: Options): Promise<T> => request<T>("POST", path, body, options),
  put: <T>(path: string, body?: unknown, options?: Options): Promise<T> => request<T>("PUT", path, body, options),
  patch: <T>(path: string, body?: unknown, options?: Options): Promise<T> => request<T>("PATCH", path, body, options),
  delete: <T = undefined>(path: string, body?: unknown, options?: Options): Promise<T> => request<T>("DELETE", path, body, options),
};

/** Tries after the first when nobody answers: about 0.3, 0.6 and 1.2 seconds later. */
const RETRIES = 3;
const FIRST_PAUSE_MS = 300;

async function request<T>(method: string, path: string, body: unknown, options: Options = {}): Promise<T> {
  const init: RequestInit = { method, headers: headersFor(method, body, options), credentials: "same-origin" };
  if (body !== undefined) init.body = body instanceof FormData ? body : JSON.stringify(body);
  if (options.signal) init.signal = options.signal;
  const response = await answered(withQuery(path, options.query), init);
  if (!response.ok) throw await problemOf(response);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

async function answered(url: string, init: RequestInit): Promise<Response> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await fetch(url, init);
    } catch (failure) {
      if (init.signal?.aborted) throw failure;
      if (tries === RETRIES) throw noAnswer();
      await pause(FIRST_PAUSE_MS * 2 ** tries * (0.5 + Math.random() / 2));
    }
  }
}

/** Sends files with visible progress; `progress` is called with 0 … 1 as bytes leave. */
export function upload<T>(path: string, form: FormData, progress: (share: number) => void, options: Options = {}): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.open("POST", withQuery(path, options.query));
    for (const [name, value] of Object.entries(headersFor("POST", form, options))) sending.setRequestHeader(name, value);
    sending.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    sending.onerror = () => reject(noAnswer());
    sending.onload = () => {
      const answer = parsed(sending.responseText);
      if (sending.status < 300) resolve(answer as T);
      else reject(problemFrom(sending.status, answer));
    };
    options.signal?.addEventListener("abort", () => sending.abort());
    sending.send(form);
  });
}

function headersFor(method: string, body: unknown, options: Options): Record<string, string> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method === "GET") return headers;
  if (options.key !== null) headers["Idempotency-Key"] = options.key ?? newKey();
  headers["X-CSRF-Token"] = document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content ?? "";
  if (body !== undefined && !(body instanceof FormData)) headers["Content-Type"] = "application/json";
  return headers;
}

/** A fresh random key; also good as a message's `client_id`. Works on plain loopback too, where `randomUUID` may be missing. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function withQuery(path: string, query: Options["query"]): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === null || value === undefined) continue;
    for (const each of Array.isArray(value) ? (value as readonly string[]) : [String(value)]) search.append(name, each);
  }
  return search.size ? `${path}${path.includes("?") ? "&" : "?"}${search}` : path;
}

async function problemOf(response: Response): Promise<Problem> {
  return problemFrom(response.status, parsed(await response.text()));
}

function parsed(text: string): unknown {
  try {
    return text ? (JSON.parse(text) as unknown) : undefined;
  } catch {
    return undefined; // a proxy's page: the status alone says what there is to say
  }
}

function problemFrom(status: number, answer: unknown): Problem {
  const body = (typeof answer === "object" && answer !== null ? answer : {}) as Record<string, unknown>;
  const text = (name: string, otherwise: string): string => (typeof body[name] === "string" ? body[name] : otherwise);
  const errors = Array.isArray(body["errors"]) ? (body["errors"] as FieldError[]) : [];
  return new Problem(status, text("code", "unknown"), text("title", _("That did not work.")), text("detail", _("That did not work. Nothing was changed; please try again.")), errors, body);
}

function noAnswer(): Problem {
  return new Problem(0, "offline", _("No connection"), _("There is no connection right now. What you wrote is still here; please try again."));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
