// The phone for real calls: Twilio's Voice SDK with access tokens of our server. It calls
// flows, and takes calls that flows place to client:NAME.
import { html, useState, state, changed, post, attempt, toast, now, span, phoneNumber, localGet, localSet, KEYS } from './base.js';
import { InputFields, collect } from './forms.js';

const phone = { device: null, name: '', registered: false, problem: '', calls: [] };

const names = /^[A-Za-z0-9_]{1,60}$/;

function ownName() {
  const kept = localGet('phone');
  if (kept && names.test(kept)) return kept;
  return 'console_' + Array.from(crypto.getRandomValues(new Uint8Array(3)), (b) => b.toString(16).padStart(2, '0')).join('');
}

const token = async () => (await post('/api/voice/token', { name: phone.name })).token;

// device makes the phone ready, once. A browser gives the microphone only after the
// person has done something, so that this waits for the first call.
async function device() {
  if (phone.device) return phone.device;
  phone.name = phone.name || ownName();
  const d = new Twilio.Device(await token(), { closeProtection: true, logLevel: 'silent' });
  d.on('registered', () => { phone.registered = true; changed(); });
  d.on('unregistered', () => { phone.registered = false; changed(); });
  d.on('tokenWillExpire', () => attempt(async () => d.updateToken(await token())));
  d.on('incoming', (call) => take(call, call.parameters.From || 'somebody'));
  d.on('error', (e) => { phone.problem = words(e); changed(); });
  phone.device = d;
  return d;
}

const words = (e) => {
  if (e.code === 31402 || e.code === 31401) return 'The microphone cannot be used. Allow it in the browser, then call again.';
  return `The phone does not work: ${e.message || e}${e.code ? ` (${e.code})` : ''}.`;
};

// take shows a call until it is over.
function take(call, who) {
  const entry = { call, who, since: 0, muted: false };
  const over = () => {
    phone.calls = phone.calls.filter((c) => c !== entry);
    changed();
  };
  phone.calls = [...phone.calls, entry];
  call.on('accept', () => { entry.since = now(); changed(); });
  call.on('mute', (muted) => { entry.muted = muted; changed(); });
  for (const end of ['disconnect', 'cancel', 'reject']) call.on(end, over);
  call.on('error', (e) => {
    phone.problem = words(e);
    over();
  });
  changed();
}

async function dial(flow, input) {
  phone.problem = '';
  const d = await device();
  const params = { ...input, flow: flow.id };
  if (flow.numbers.length) params.To = flow.numbers[0];
  take(await d.connect({ params }), flow.id);
}

// reach lets flows call this browser by its name.
async function reach(name) {
  phone.problem = '';
  phone.name = name;
  localSet('phone', name);
  const d = await device();
  await d.updateToken(await token());
  await d.register();
}

export function VoicePhone() {
  const flows = state.flows.filter((f) => f.answers);
  const [to, setTo] = useState('');
  const [busy, setBusy] = useState(false);
  const chosen = to || (flows.some((f) => f.id === 'dialler') ? 'dialler' : flows[0]?.id);
  const flow = flows.find((f) => f.id === chosen);
  async function submit(e) {
    e.preventDefault();
    setBusy(true);
    state.follow = true;
    try {
      await dial(flow, collect(flow.inputs, new FormData(e.target)));
    } catch (err) {
      state.follow = false;
      phone.problem = words(err);
    }
    setBusy(false);
  }
  if (!flows.length) return html`<div class="empty"><p><b>No flow answers calls.</b></p><p>A flow with <code>answer</code> can be called from here.</p></div>`;
  return html`<form class="card call" onSubmit=${submit} novalidate>
      <div class="field"><label for="voice-to">Call with this browser</label><div class="join">
        <select id="voice-to" value=${chosen} onChange=${(e) => setTo(e.target.value)}>${flows.map((f) => html`<option key=${f.id} value=${f.id} selected=${f.id === chosen}>${f.id}${f.numbers.length ? ' · ' + phoneNumber(f.numbers[0]) : ''}</option>`)}</select>
        <button class="primary" disabled=${busy}>Call</button></div></div>
      ${flow ? html`<${InputFields} inputs=${flow.inputs} prefix="voice" />` : ''}
      ${window.isSecureContext ? '' : html`<p class="problem">Browsers give the microphone to pages with https only.</p>`}
      ${phone.problem ? html`<p class="problem" role="alert">${phone.problem}</p>` : ''}
      <${Reach} /></form>
    ${phone.calls.map((c, i) => html`<${CallCard} key=${i} c=${c} />`)}`;
}

function Reach() {
  const [name, setName] = useState(ownName());
  const [open, setOpen] = useState(false);
  if (phone.registered) return html`<p class="hint">Flows reach this browser as <code>client:${phone.name}</code>.</p>`;
  if (!open) return html`<div class="row foot"><button type="button" class="quiet" onClick=${() => setOpen(true)}>Take calls here too</button></div>`;
  return html`<div class="field"><label for="voice-name">Name of this phone</label><div class="join">
    <input id="voice-name" value=${name} onInput=${(e) => setName(e.target.value)} autocomplete="off" />
    <button type="button" disabled=${!names.test(name)} onClick=${() => attempt(() => reach(name).catch((e) => { phone.problem = words(e); changed(); }))}>Connect</button></div>
    <p class="hint">Letters, digits and _. A flow calls it as client:NAME.</p></div>`;
}

function CallCard({ c }) {
  const status = c.call.status();
  const asks = c.call.direction === 'INCOMING' && status === 'pending';
  return html`<section class=${'card phone active is-' + (asks ? 'ringing' : 'talking')} aria-label=${'Call with ' + c.who}>
    <header><span class="face" aria-hidden="true">☎</span><div class="who"><h3>${phoneNumber(c.who)}</h3><p role="status">${asks ? 'calls you' : status === 'open' ? 'connected' : status}</p></div>
      ${c.since ? html`<span class="timer">${span(now() - c.since)}</span>` : ''}</header>
    <div class="controls">
      ${asks ? html`<div class="row answers"><button class="good" onClick=${() => c.call.accept()}>Answer</button><button class="bad" onClick=${() => c.call.reject()}>Decline</button></div>`
      : html`<div class="keypad" role="group" aria-label="Keys">${KEYS.map((k) => html`<button key=${k} onClick=${() => c.call.sendDigits(k)}>${k}</button>`)}</div>
        <div class="row"><button class="bad" onClick=${() => { c.call.disconnect(); toast('Hung up'); }}>Hang up</button>
          <button class="quiet" aria-pressed=${c.muted} onClick=${() => c.call.mute(!c.muted)}>${c.muted ? 'Muted' : 'Mute'}</button></div>`}
    </div></section>`;
}
