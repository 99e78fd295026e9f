/**
 * First the others, then what stands beside them: what need not be there at once waits until somebody is seen or heard, so that
 * neither this device nor the server is busy with anything else before.
 */

/** Whoever sends nothing is not waited for. */
const MOMENT_MS = 1500;
/** The first frames are not held up by what comes then. */
const SETTLES_MS = 200;

/** Until somebody's picture or sound plays in *tiles*, and for a moment at most; not at all when *nobody* is there to come. */
export function calm(tiles: HTMLElement, nobody: boolean): Promise<void> {
  if (nobody) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(due);
      tiles.removeEventListener("playing", done, true);
      setTimeout(resolve, SETTLES_MS);
    };
    const due = setTimeout(done, MOMENT_MS);
    tiles.addEventListener("playing", done, true);
  });
}
