// What the phone in hand plays: speech for words, audio for files, tones for the rest.
// Browsers play nothing before the person has done something on the page.
import { state } from './base.js';

let audio = null;
let tones = null;
let touched = false;
for (const kind of ['pointerdown', 'keydown']) addEventListener(kind, () => { touched = true; }, { capture: true });

const ready = () => state.sound && touched;

// quiet ends everything that sounds.
export function quiet() {
  if ('speechSynthesis' in window) speechSynthesis.cancel();
  silence();
}

// silence ends the file that plays. Words are let finish: voices differ in their pace.
function silence() {
  if (audio) {
    audio.pause();
    audio = null;
  }
}

// hearLine plays what a new line of the transcript says.
export function hearLine(l) {
  if (l.kind === 'music') {
    silence();
    play(l.text);
  } else if (l.kind === 'hears') {
    silence();
    if (l.text === 'beep') tone(1000, 0.4);
    else speak(l.text, l.lang);
  } else if (['hangs-up', 'over', 'presses', 'taken', 'unheld', 'leaves'].includes(l.kind)) {
    quiet();
  }
}

function speak(text, lang) {
  if (!ready() || !('speechSynthesis' in window)) return;
  if (speechSynthesis.pending) speechSynthesis.cancel(); // it is too far behind
  const words = new SpeechSynthesisUtterance(text);
  if (lang) words.lang = lang;
  speechSynthesis.speak(words);
}

function play(file) {
  if (!ready()) return;
  const own = new Audio('/desk/media?url=' + encodeURIComponent(file));
  audio = own;
  own.loop = true;
  own.play().catch(() => { /* it was stopped, or cannot be played */ });
}

function tone(hertz, seconds, volume = 0.08) {
  if (!ready() || !window.AudioContext) return;
  tones = tones || new AudioContext();
  const gain = tones.createGain();
  gain.gain.setValueAtTime(volume, tones.currentTime);
  gain.gain.exponentialRampToValueAtTime(0.0001, tones.currentTime + seconds);
  gain.connect(tones.destination);
  const source = tones.createOscillator();
  source.frequency.value = hertz;
  source.connect(gain);
  source.start();
  source.stop(tones.currentTime + seconds);
}

// ring says that a phone rings.
export function ring() {
  tone(440, 0.6, 0.05);
  tone(480, 0.6, 0.05);
}

// recognition is what the browser makes words of speech with, if it can.
export const recognition = window.SpeechRecognition || window.webkitSpeechRecognition;

// dictate takes one sentence from the microphone.
export function dictate(take, done) {
  quiet();
  const r = new recognition();
  r.lang = navigator.language;
  r.onresult = (e) => take(e.results[0][0].transcript);
  r.onend = done;
  r.onerror = done;
  r.start();
}
