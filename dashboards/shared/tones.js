// Two tones for what is critical, made by the browser itself. Browsers stay silent until somebody has touched the page: whoever
// shows an alarm asks `isBlocked()` and says so.

const TONES_HZ = [784, 988];
const TONE_S = 0.22;
const LOUDNESS = 0.25;
const ATTACK_S = 0.02;

/** @type {AudioContext | null} */
let context = null;

function audio() {
  context ??= "AudioContext" in window ? new AudioContext() : null;
  return context;
}

/** Return whether the browser would let nothing be heard now. */
export function isBlocked() {
  return audio()?.state !== "running";
}

/** Ask the browser to let us be heard; it does so after a touch or a key. */
export async function unblock() {
  await audio()?.resume();
}

/** Play the two tones once. */
export function playTones() {
  const found = audio();
  if (!found || found.state !== "running") return;
  TONES_HZ.forEach((frequency, place) => {
    const begins = found.currentTime + place * TONE_S;
    const tone = found.createOscillator();
    const volume = found.createGain();
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0, begins);
    volume.gain.linearRampToValueAtTime(LOUDNESS, begins + ATTACK_S);
    volume.gain.linearRampToValueAtTime(0, begins + TONE_S);
    tone.connect(volume).connect(found.destination);
    tone.start(begins);
    tone.stop(begins + TONE_S);
  });
}
