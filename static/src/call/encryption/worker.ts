/**
 * The worker between encoder and network (W3C WebRTC Encoded Transform): one for the whole call, so that one counter serves
 * all that is sent under one key.
 */
import { type Frame, Frames, type GivenKey } from "./frames";

/** What the page tells the worker. */
export type Told = { readonly use: GivenKey } | { readonly take: GivenKey } | { readonly forget: string };
/** What the worker tells the page. */
export interface Missing {
  readonly missing: number;
}

interface Transformer {
  readonly readable: ReadableStream<Frame>;
  readonly writable: WritableStream<Frame>;
  readonly options: { readonly role: "seal" | "open" };
}

export function run(scope: Pick<Window, "addEventListener" | "postMessage">): void {
  const frames = new Frames((missing) => scope.postMessage({ missing } satisfies Missing));
  scope.addEventListener("message", (event) => {
    const told = (event as MessageEvent<Told>).data;
    if ("use" in told) void frames.use(told.use);
    else if ("take" in told) void frames.take(told.take);
    else frames.forget(told.forget);
  });
  scope.addEventListener("rtctransform", (event) => {
    const { readable, writable, options } = (event as Event & { readonly transformer: Transformer }).transformer;
    const change = options.role === "seal" ? (frame: Frame) => frames.seal(frame) : (frame: Frame) => frames.open(frame);
    const transform = async (frame: Frame, out: TransformStreamDefaultController<Frame>): Promise<void> => {
      if (await change(frame)) out.enqueue(frame);
    };
    // A connection that closes ends its streams: that is no trouble.
    readable.pipeThrough(new TransformStream({ transform })).pipeTo(writable).catch(() => undefined);
  });
}
