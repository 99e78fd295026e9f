/** Sounds: the level of a microphone, a tone to try the speaker, and the knock at the door. */

let shared: AudioContext | null = null;

function context(): AudioContext {
  shared ??= new AudioContext();
  if (shared.state === "suspended") void shared.resume().catch(() => undefined);
  return shared;
}

/** Calls back about fifteen times a second with how loud a track is, 0 … 1; returns what stops it. */
export function level(track: MediaStreamTrack, heard: (level: number) => void): () => void {
  const audio = context();
  const source = audio.createMediaStreamSource(new MediaStream([track]));
  const analyser = audio.createAnalyser();
  analyser.fftSize = 1024;
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    let sum = 0;
    for (const sample of samples) sum += sample * sample;
    heard(loudness(Math.sqrt(sum / samples.length)));
  }, 66);
  return () => {
    clearInterval(timer);
    source.disconnect();
  };
}

/** From the root mean square of samples to 0 … 1 as an ear would: -60 dB is nothing, -10 dB is full. */
export function loudness(rms: number): number {
  const decibels = 20 * Math.log10(Math.max(rms, 1e-6));
  return Math.min(1, Math.max(0, (decibels + 60) / 50));
}

/** Two soft notes on the chosen speaker; resolves when they have been played. */
export async function testTone(speaker: string): Promise<void> {
  await notes([523.25, 659.25], 0.35, speaker);
}

/** Somebody is at the door. */
export async function knock(): Promise<void> {
  await notes([392, 523.25], 0.18, "");
}

async function notes(frequencies: readonly number[], seconds: number, speaker: string): Promise<void> {
  const audio = context();
  const target = audio.createMediaStreamDestination();
  frequencies.forEach((frequency, index) => play(audio, target, frequency, audio.currentTime + 0.05 + index * seconds, seconds));
  const player = new Audio();
  player.srcObject = target.stream;
  if (speaker && "setSinkId" in player) await player.setSinkId(speaker).catch(() => undefined);
  await player.play().catch(() => undefined); // a browser that wants a gesture first stays silent; the strip is seen anyway
  await new Promise((done) => setTimeout(done, (frequencies.length * seconds + 0.3) * 1000));
  player.srcObject = null;
}

function play(audio: AudioContext, target: AudioNode, frequency: number, start: number, seconds: number): void {
  const oscillator = audio.createOscillator();
  const gain = audio.createGain();
  oscillator.frequency.value = frequency;
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(0.2, start + 0.03);
  gain.gain.exponentialRampToValueAtTime(0.001, start + seconds);
  oscillator.connect(gain).connect(target);
  oscillator.start(start);
  oscillator.stop(start + seconds);
}
