// Phones: everybody who takes part in a simulated call, with what they hear and do.
import { html, useState, useEffect, useRef, state, changed, get, post, attempt, now, span, phoneNumber, localSet, KEYS } from './base.js';
import { InputFields, collect } from './forms.js';
import { Billing } from './billing.js';
import { hearLine, quiet, ring, recognition, dictate } from './sound.js';

export async function loadPhones() {
  const got = await get('/desk/phones');
  state.you = got.you;
  state.clock = Date.parse(got.now) - Date.now();
  state.phones = new Map(got.phones.map((p) => [p.number, { ...p, lines: p.lines || [] }]));
}

export function takePhone(p) {
  const old = state.phones.get(p.number);
  state.phones.set(p.number, { ...p, lines: old ? old.lines : [] });
  if (p.state === 'ringing' && (!old || old.state !== 'ringing')) ring();
  if (p.state === 'idle' && state.active === p.number) quiet();
  changed();
}

export function takeLine({ phone, line }) {
  const p = state.phones.get(phone);
  if (!p) return; // the list that is being read has it
  const last = p.lines.length ? p.lines[p.lines.length - 1].n : 0;
  if (line.n <= last) return;
  p.lines = [...p.lines.slice(-299), line];
  if (line.kind === 'calls' || line.kind === 'answers') p.hidden = false;
  if (phone === state.active) hearLine(line);
  changed();
}

const act = (p, action, body) => attempt(() => post(`/desk/phones/${p.number}/${action}`, body));

// use makes a phone the one in hand: its sound is heard, and keys go there.
export function use(number) {
  if (state.active === number) return;
  quiet();
  state.active = number;
  changed();
}

const LETTERS = { 2: 'ABC', 3: 'DEF', 4: 'GHI', 5: 'JKL', 6: 'MNO', 7: 'PQRS', 8: 'TUV', 9: 'WXYZ', 0: '+' };

// keyboard gives digits that are typed outside of a field to the phone in hand.
export function keyboard(e) {
  const field = e.target.closest?.('input, textarea, select, [contenteditable]');
  if (field || e.ctrlKey || e.metaKey || e.altKey || !KEYS.includes(e.key)) return;
  const p = state.phones.get(state.active);
  if (p && p.state === 'talking') {
    e.preventDefault();
    act(p, 'press', { keys: e.key });
  }
}

const callable = () => state.flows.filter((f) => f.answers);

export function Phones() {
  const phones = [...state.phones.values()].sort((a, b) => rank(a) - rank(b) || a.number - b.number).filter((p) => !p.hidden);
  const idle = phones.filter((p) => p.state === 'idle');
  return html`
    <${CallForm} />
    ${phones.length === 0 ? html`<div class="empty"><p><b>No phone has been used yet.</b></p>
      <p>Call a flow: this browser is your phone. Everybody whom the flow calls appears here as another phone, to answer or decline. Digits that you type go to the phone in hand.</p></div>` : ''}
    ${phones.map((p) => html`<${PhoneCard} key=${p.number} p=${p} />`)}
    ${idle.length > 1 ? html`<p class="row end"><button class="quiet" onClick=${() => { idle.forEach((p) => { p.hidden = true; }); changed(); }}>Put away phones that are idle</button></p>` : ''}
    <${Billing} />`;
}

const rank = (p) => ({ ringing: 0, calling: 1, talking: 1 }[p.state] ?? 2);

function CallForm() {
  const flows = callable();
  const [to, setTo] = useState('');
  const [other, setOther] = useState('');
  const [more, setMore] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const chosen = to || (flows.some((f) => f.id === 'menu') ? 'menu' : flows[0]?.id || 'other');
  const flow = flows.find((f) => f.id === chosen);
  async function submit(e) {
    e.preventDefault();
    const form = new FormData(e.target);
    const input = flow ? collect(flow.inputs, form) : {};
    setBusy(true);
    setProblem('');
    state.follow = true;
    try {
      const { phone } = await post('/desk/call', { to: flow ? flow.id : other.trim(), from: (form.get('_from') || '').trim(), input });
      use(phone);
    } catch (err) {
      state.follow = false;
      setProblem(err.message);
    }
    setBusy(false);
  }
  return html`<form class="card call" onSubmit=${submit} novalidate>
    <h2 class="sr">Call</h2>
    <div class="field"><label for="call-to">Call a flow or a number</label><div class="join">
      <select id="call-to" name="_to" value=${chosen} onChange=${(e) => { setTo(e.target.value); setProblem(''); }}>
        ${flows.map((f) => html`<option key=${f.id} value=${f.id} selected=${f.id === chosen}>${f.id}${f.numbers.length ? ' · ' + phoneNumber(f.numbers[0]) : ''}</option>`)}
        <option value="other" selected=${chosen === 'other'}>Another number…</option>
      </select><button class="primary call-button" disabled=${busy}>Call</button></div></div>
    ${chosen === 'other' ? html`<div class="field"><label for="call-number">Number</label>
      <input id="call-number" type="tel" value=${other} onInput=${(e) => setOther(e.target.value)} placeholder="+15005550006" autocomplete="off" /></div>` : ''}
    ${flow ? html`<${InputFields} inputs=${flow.inputs} prefix="call" />` : ''}
    ${problem ? html`<p class="problem" role="alert">${problem}</p>` : ''}
    <div class="row foot"><button type="button" class="quiet" aria-expanded=${more} onClick=${() => setMore(!more)}>From another phone</button><${SoundButton} /></div>
    ${more ? html`<div class="field"><label for="call-from">Number that calls</label>
        <input id="call-from" name="_from" type="tel" placeholder=${state.you} autocomplete="off" /></div>` : ''}
  </form>`;
}

function SoundButton() {
  return html`<button type="button" class="quiet" aria-pressed=${state.sound} onClick=${() => {
    state.sound = !state.sound;
    localSet('sound', state.sound ? 'on' : 'off');
    if (!state.sound) quiet();
    changed();
  }}>${state.sound ? 'Sound is on' : 'Sound is off'}</button>`;
}

const calls = (who) => (who === 'you' ? 'you call' : `${phoneNumber(who)} calls`);

const doing = (p) => {
  if (p.state === 'ringing') return p.from ? calls(p.from) : 'rings';
  if (p.state === 'calling') return 'calling…';
  if (p.state === 'idle') return 'idle';
  if (p.with?.length) return 'with ' + p.with.map(phoneNumber).join(', ');
  return p.room ? 'alone in room ' + p.room : 'in a call';
};

function PhoneCard({ p }) {
  const active = p.number === state.active;
  const [open, setOpen] = useState(false);
  const shown = p.state !== 'idle' || open || active;
  const label = p.name === p.address ? phoneNumber(p.address) : p.name;
  return html`<section class=${`card phone is-${p.state}${active ? ' active' : ''}`} aria-label=${'Phone of ' + label}
      data-phone=${p.name} onClick=${() => p.state !== 'idle' && use(p.number)} onFocusIn=${() => p.state === 'talking' && use(p.number)}>
    <header>
      <span class="face" aria-hidden="true">${(p.name === p.address ? '#' : p.name[0]).toUpperCase()}</span>
      <div class="who"><h3>${label}</h3>
        <p>${p.name === p.address ? '' : html`<span class="number">${phoneNumber(p.address)}</span> · `}<span class="doing">${doing(p)}</span></p></div>
      ${p.state === 'talking' && p.up ? html`<span class="timer">${span(now() - Date.parse(p.up))}</span>` : ''}
      ${p.state === 'idle' ? html`<button class="quiet" aria-expanded=${shown} onClick=${() => { if (active) { use(0); setOpen(false); } else setOpen(!open); }}>${shown ? 'Hide' : 'Show'}</button>` : ''}
    </header>
    ${shown ? html`<${Transcript} p=${p} />` : ''}
    ${p.state === 'ringing' ? html`<div class="row answers">
        <button class="good" onClick=${() => { const n = p.number; use(n); act(p, 'answer'); }}>Answer</button>
        <button class="bad" onClick=${() => act(p, 'decline')}>Decline</button>
        <button onClick=${() => act(p, 'machine')}>Let a machine answer</button></div>` : ''}
    ${p.state === 'calling' || p.state === 'talking' ? html`<${Controls} p=${p} />` : ''}
  </section>`;
}

function Controls({ p }) {
  const [text, setText] = useState('');
  const [chosen, setPad] = useState(null);
  const pad = chosen ?? p.lines.some((l) => l.kind === 'calls'); // whoever was called rarely presses keys
  const [hearing, setHearing] = useState(false);
  const say = (words) => words.trim() && act(p, 'say', { text: words.trim() });
  const talking = p.state === 'talking';
  return html`<div class="controls">
    ${talking && pad ? html`<div class="keypad" role="group" aria-label="Keys">${KEYS.map((k) => html`
      <button key=${k} onClick=${() => act(p, 'press', { keys: k })} aria-label=${'Key ' + ({ '*': 'star', '#': 'hash' }[k] || k)}>${k}<small aria-hidden="true">${LETTERS[k] || ' '}</small></button>`)}</div>` : ''}
    ${talking ? html`<form class="say" onSubmit=${(e) => { e.preventDefault(); say(text); setText(''); }}>
      <label class="sr" for=${'say-' + p.number}>Say</label>
      <input id=${'say-' + p.number} value=${text} onInput=${(e) => setText(e.target.value)} placeholder="Say something" autocomplete="off" />
      <button disabled=${!text.trim()}>Say</button>
      ${recognition ? html`<button type="button" aria-pressed=${hearing} onClick=${() => { setHearing(true); dictate((words) => say(words), () => setHearing(false)); }}>${hearing ? 'Listening…' : 'Speak'}</button>` : ''}
    </form>` : ''}
    <div class="row"><button class="bad" onClick=${() => act(p, 'hangup')}>Hang up</button>
      ${talking ? html`<button class="quiet" aria-expanded=${pad} onClick=${() => setPad(!pad)}>${pad ? 'Hide keys' : 'Keys'}</button>` : ''}
</div>
  </div>`;
}

function Transcript({ p }) {
  const box = useRef(null);
  const last = p.lines.length ? p.lines[p.lines.length - 1].n : 0;
  useEffect(() => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [last]);
  return html`<ol class="transcript" ref=${box} role="log" aria-live=${p.number === state.active ? 'polite' : 'off'} aria-label=${'What ' + p.name + ' hears and does'} tabindex="0">
    ${p.lines.map((l) => html`<${TranscriptLine} key=${l.n} l=${l} />`)}</ol>`;
}

function TranscriptLine({ l }) {
  const [side, text, by] = words(l);
  return html`<li class=${side} lang=${l.lang}>${by ? html`<b>${phoneNumber(by)}</b> ` : ''}${side === 'key' ? html`<kbd>${text}</kbd>` : text}</li>`;
}

// words gives where a line stands, what it says, and who says it.
function words(l) {
  switch (l.kind) {
    case 'hears': return l.text === 'beep' ? ['note', 'beep'] : ['them', l.text, l.from];
    case 'music': return ['note', '♪ ' + (l.text.split('/').pop() || l.text)];
    case 'presses': return ['key', l.text];
    case 'says': return ['me', l.text];
    case 'calls': return ['note', `calls ${l.flow || phoneNumber(l.to)}`];
    case 'rings': return ['note', `rings: ${calls(l.from)}`];
    case 'answers': return ['note', 'answered'];
    case 'recorded': return ['note', 'is recorded: speak, then hang up or press a key'];
    case 'joins': return ['note', `in room ${l.text}`];
    case 'leaves': return ['note', `left room ${l.text}`];
    case 'held': return ['note', 'on hold'];
    case 'unheld': return ['note', 'back from hold'];
    case 'waits': return ['note', l.text ? `waits in queue ${l.text}` : 'waits for a worker'];
    case 'taken': return ['note', 'out of the queue'];
    case 'hangs-up': return ['note end', !l.took && l.text === 'busy' ? 'declined' : `hung up${lasted(l)}`];
    case 'over': return ['note end', over(l)];
    default: return ['note', l.text || l.kind];
  }
}

const lasted = (l) => (l.took >= 1 ? ` after ${span(l.took * 1000)}` : '');

function over(l) {
  switch (l.text) {
    case 'completed': return `the call is over${lasted(l)}`;
    case 'busy': return 'busy';
    case 'no-answer': return l.called ? 'nobody answered' : 'was not put through';
    case 'canceled': return 'stopped ringing';
    case 'failed': return 'cannot be reached';
    default: return 'the call has ended: ' + l.text;
  }
}
