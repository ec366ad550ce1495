// What every part of the page uses: the library that draws, formats, requests.
export { html, render, useState, useEffect, useLayoutEffect, useRef, useMemo } from './vendor/preact.js';

export const hasDesk = 'desk' in document.body.dataset;
export const hasVoice = 'voice' in document.body.dataset;
export const hasPhones = hasDesk || hasVoice;
export const hasLogin = 'login' in document.body.dataset;

// Problem is why a request was refused; errors names the fields that are wrong.
export class Problem extends Error {
  constructor(status, detail, errors) {
    super(detail);
    this.status = status;
    this.errors = errors || [];
  }
}

// request sends JSON and gives JSON. Whoever is not logged in any more gets the login page.
export async function request(method, path, body, headers = {}) {
  const init = { method, headers: { ...headers } };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers['Content-Type'] = 'application/json';
  }
  let res;
  try {
    res = await fetch(path, init);
  } catch {
    throw new Problem(0, 'The server does not answer.');
  }
  if (res.status === 401 && hasLogin) location.reload();
  const text = await res.text();
  let data = {};
  try {
    data = text ? JSON.parse(text) : {};
  } catch {
    data = { detail: text };
  }
  if (!res.ok) throw new Problem(res.status, data.detail || data.title || `The server answers ${res.status}.`, data.errors);
  return data;
}

export const get = (path) => request('GET', path);
export const post = (path, body = {}, headers) => request('POST', path, body, headers);

// state is all that the page knows. Whoever changes it calls changed().
export const state = {
  connected: false,
  ready: false,
  route: [],
  flows: [],
  switches: [],
  sessions: new Map(), // lines by id
  detail: null, // of the session that is looked at
  files: null,
  phones: new Map(), // by number
  you: '',
  active: 0, // number of the phone in hand
  sound: localGet('sound') !== 'off',
  clock: 0, // what the server's clock is ahead of ours, in ms
  toasts: [],
  follow: false, // the next session that begins is shown
};

let draw = () => {};
let asked = false;

// onChange takes the function that draws the page.
export function onChange(f) {
  draw = f;
}

// changed draws the page anew, soon and once.
export function changed() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    draw();
  });
}

export function localGet(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function localSet(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch { /* a browser that keeps nothing */ }
}

let toasts = 0;

// toast says something in passing. kind is good, bad or plain.
export function toast(text, kind = 'plain') {
  const t = { id: ++toasts, text, kind };
  state.toasts.push(t);
  changed();
  setTimeout(() => {
    state.toasts = state.toasts.filter((o) => o !== t);
    changed();
  }, kind === 'bad' ? 8000 : 4000);
}

// attempt does something and says what is wrong if it fails.
export async function attempt(f) {
  try {
    return await f();
  } catch (e) {
    if (!(e instanceof Problem)) throw e;
    toast(e.message, 'bad');
    return undefined;
  }
}

export const go = (...parts) => {
  location.hash = '#/' + parts.map(encodeURIComponent).join('/');
};
export const href = (...parts) => '#/' + parts.map(encodeURIComponent).join('/');

// now is the time of the server's clock, in ms.
export const now = () => Date.now() + state.clock;

export const time = (at) => (at ? new Date(at).toLocaleTimeString([], { hour12: false }) : '');

export function when(at) {
  const d = new Date(at);
  const today = new Date(now()).toDateString() === d.toDateString();
  return today ? time(at) : d.toLocaleDateString([], { day: 'numeric', month: 'short' }) + ' ' + time(at).slice(0, 5);
}

// span writes ms as 4:05 or 1:02:03.
export function span(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  const two = (n) => String(n).padStart(2, '0');
  const h = Math.floor(s / 3600);
  return (h ? h + ':' + two(Math.floor(s / 60) % 60) : Math.floor(s / 60)) + ':' + two(s % 60);
}

// phoneNumber writes +15005550006 with spaces; other addresses as they are.
export function phoneNumber(n) {
  const m = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(n || '');
  return m ? `+1 ${m[1]} ${m[2]} ${m[3]}` : n || '';
}

// cost writes a price of Twilio's, which is negative for a charge, as people say it.
export function cost(price, unit) {
  if (!price) return '';
  const amount = price.startsWith('-') ? price.slice(1) : price.startsWith('+') ? price.slice(1) : '−' + price;
  return (unit === 'USD' || !unit ? '$' : unit + ' ') + amount;
}

// KEYS are those of a telephone.
export const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];

export const plural = (n, one, many = one + 's') => `${n} ${n === 1 ? one : many}`;

export const legColor = (number) => 'leg-' + (((number || 1) - 1) % 6 + 1);
