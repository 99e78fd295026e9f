/**
 * A voice that reads out on this device. Words about somebody's health are never given to a voice that speaks from elsewhere: browsers offer such
 * voices beside their own, and those get every sentence sent to them.
 */

/** Calls *act* with a voice of the page's language once there is one; voices come late in some browsers. Returns the way to stop. */
export function onVoice(act: (voice: SpeechSynthesisVoice) => void): () => void {
  if (!("speechSynthesis" in window)) return () => undefined;
  const look = (): void => {
    const voice = deviceVoice();
    if (!voice) return;
    speechSynthesis.removeEventListener("voiceschanged", look);
    act(voice);
  };
  speechSynthesis.addEventListener("voiceschanged", look);
  look();
  return () => speechSynthesis.removeEventListener("voiceschanged", look);
}

/** The device's own voice for the page's language; null when it has none. */
export function deviceVoice(): SpeechSynthesisVoice | null {
  const language = (document.documentElement.lang || "en").slice(0, 2).toLowerCase();
  const fit = speechSynthesis.getVoices().filter((voice) => voice.localService && voice.lang.slice(0, 2).toLowerCase() === language);
  return fit.find((voice) => voice.default) ?? fit[0] ?? null;
}
