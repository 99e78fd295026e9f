/** Picture-in-picture: the other person's picture stays in sight beside another window. */
import { toast } from "../../lib/announce";
import { all } from "../../lib/dom";
import { _ } from "../../lib/words";

export function wirePicture(stage: HTMLElement): () => void {
  const offered = document.pictureInPictureEnabled === true;
  const toggle = (): void => void change(stage);
  for (const button of all("[data-picture]", stage)) {
    button.hidden = !offered;
    button.addEventListener("click", () => {
      const menu = button.closest("details");
      if (menu) menu.open = false; // it would lie over the picture that is wanted
      menu?.querySelector("summary")?.focus();
      toggle();
    });
  }
  return offered ? toggle : () => undefined;
}

async function change(stage: HTMLElement): Promise<void> {
  if (document.pictureInPictureElement) return void document.exitPictureInPicture();
  const videos = all<HTMLVideoElement>("[data-tile] > video", stage).filter((video) => video.readyState >= HTMLMediaElement.HAVE_METADATA && video.videoWidth > 0);
  const video = videos.find((one) => one.parentElement?.dataset["role"] === "interpreter") ?? videos[0];
  if (!video) return toast(_("There is no picture of somebody else right now."));
  try {
    await video.requestPictureInPicture();
  } catch {
    toast(_("This browser does not open a small window now."));
  }
}
