/** Which pictures this page shows not at all, or only small: the forwarder then sends nothing, or the small layer. */

export interface Shown {
  readonly account: string;
  /** Whether any of it is on the screen, here or in a window of its own. */
  readonly visible: boolean;
  /** Width in points of the screen, not of the page. */
  readonly width: number;
}

export interface Look {
  readonly hidden: string[];
  readonly small: string[];
}

/** The small layer is so wide: a tile that shows no more points needs no more. */
const SMALL_WIDTH = 640;
const LOOK_AGAIN_MS = 1000;

export function look(tiles: readonly Shown[]): Look {
  const keys = (found: readonly Shown[]): string[] => found.map(({ account }) => `${account}/camera`).sort();
  return { hidden: keys(tiles.filter((tile) => !tile.visible)), small: keys(tiles.filter((tile) => tile.visible && tile.width <= SMALL_WIDTH)) };
}

export class Looking {
  private told = "";

  constructor(
    private readonly root: HTMLElement,
    private readonly say: (look: Look) => boolean,
  ) {
    setInterval(() => this.tell(), LOOK_AGAIN_MS);
    document.addEventListener("visibilitychange", () => this.tell());
  }

  /** A new connection knows nothing of what was said before. */
  again(): void {
    this.told = "";
    this.tell();
  }

  private tell(): void {
    const found = look([...this.root.querySelectorAll<HTMLElement>("[data-tile]")].map(measured));
    const words = JSON.stringify(found);
    if (words !== this.told && this.say(found)) this.told = words;
  }
}

function measured(tile: HTMLElement): Shown {
  const box = tile.getBoundingClientRect();
  const video = tile.querySelector("video");
  const floating = video !== null && (document.pictureInPictureElement === video || tile.ownerDocument !== document);
  const onScreen = box.width > 0 && box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
  const visible = floating || (document.visibilityState === "visible" && onScreen);
  return { account: tile.dataset["tile"] ?? "", visible, width: floating ? SMALL_WIDTH : Math.round(box.width * devicePixelRatio) };
}
