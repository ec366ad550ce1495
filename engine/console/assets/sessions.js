// Sessions: the list, and one session with its legs, times, signals and history.
import { html, useState, state, changed, get, post, request, attempt, toast, go, href, now, span, time, when, phoneNumber, cost, legColor, hasDesk } from './base.js';
import { InputForm } from './forms.js';
import { SaveTest } from './save.js';
import { Graph } from './graph.js';
import { History, Variables, Traffic } from './history.js';

const maxKept = 500;

export function takeSession(line) {
  const old = state.sessions.get(line.id);
  if (old && old.rev > line.rev) return;
  state.sessions.set(line.id, line);
  for (const [id, s] of state.sessions) {
    if (state.sessions.size <= maxKept) break;
    if (!s.active) state.sessions.delete(id);
  }
  if (!old && state.follow) {
    state.follow = false;
    if (state.route[0] !== 'files' && matchMedia('(min-width: 1100px)').matches) go('sessions', line.id);
  }
  if (state.detail?.id === line.id) refresh();
  changed();
}

export function takeTraffic(e) {
  const d = state.detail;
  if (d && d.id === e.session && d.traffic) {
    d.traffic = [...d.traffic, e].slice(-500);
    changed();
  }
}

// loadDetail reads a session to look at; what was read of another one is forgotten.
export async function loadDetail(id) {
  state.detail = { id, session: null, history: [], graphs: null, traffic: null, problem: '', busy: false, again: false };
  const d = state.detail;
  changed();
  await read(d);
  const graphs = await attempt(() => get(`/api/sessions/${encodeURIComponent(id)}/graph`));
  if (graphs) d.graphs = graphs;
  if (hasDesk) {
    const traffic = await attempt(() => get('/desk/traffic?session=' + encodeURIComponent(id)));
    if (traffic) d.traffic = traffic.exchanges;
  }
  changed();
}

export function forgetDetail() {
  state.detail = null;
}

async function read(d) {
  const path = '/api/sessions/' + encodeURIComponent(d.id);
  try {
    const rev = d.history.length ? d.history[d.history.length - 1].rev : 0;
    const [session, news] = await Promise.all([get(path), get(path + '/history?after=' + rev)]);
    d.session = session;
    d.history = [...d.history, ...news.history.filter((h) => h.rev > rev)];
    state.clock = Date.parse(session.now) - Date.now();
  } catch (e) {
    d.problem = e.message;
  }
}

// refresh reads what is new; several changes while it reads are read together afterwards.
async function refresh() {
  const d = state.detail;
  if (d.busy) {
    d.again = true;
    return;
  }
  d.busy = true;
  do {
    d.again = false;
    await read(d);
    changed();
  } while (d.again);
  d.busy = false;
}

export function Sessions() {
  const [all, setAll] = useState(true);
  const [flow, setFlow] = useState('');
  const list = [...state.sessions.values()].reverse();
  const flows = [...new Set(list.map((s) => s.flow))].sort();
  const shown = list.filter((s) => (all || s.active) && (!flow || s.flow === flow));
  return html`<div class="title"><h1>Sessions</h1>
    <div class="row filters">
      <label class="sr" for="filter-flow">Flow</label>
      <select id="filter-flow" value=${flow} onChange=${(e) => setFlow(e.target.value)}><option value="">All flows</option>${flows.map((f) => html`<option key=${f} value=${f}>${f}</option>`)}</select>
      <label class="inline"><input type="checkbox" checked=${!all} onChange=${(e) => setAll(!e.target.checked)} /> live only</label></div></div>
    ${list.length === 0 ? html`<div class="empty"><p><b>Nothing has happened yet.</b></p>
      <p>${hasDesk ? 'Call a flow, or start one: each run of a flow is a session, and appears here while it goes on.' : html`Each call, and each flow that is <a href=${href('flows')}>started</a>, is a session. It appears here while it goes on.`}</p></div>`
      : shown.length === 0 ? html`<div class="empty"><p>No session is like that.</p></div>` : ''}
    <ul class="list rows">${shown.slice(0, 200).map((s) => html`<li key=${s.id}><a class="card item session-row" href=${href('sessions', s.id)}>
      <span class=${'dot ' + (s.active ? 'live' : '')} aria-hidden="true"></span><h3>${s.flow}</h3>
      <p class="states">${s.active ? (s.states.join(' · ') || s.condition) : html`<span class="outcome">${s.outcome || s.condition}</span>`}</p>
      <time>${when(s.started)}</time></a></li>`)}</ul>`;
}

export function SessionPage({ id }) {
  const d = state.detail;
  const [tab, setTab] = useState('history');
  if (!d || d.id !== id) return '';
  if (d.problem && !d.session) return html`<p class="back"><a href=${href('sessions')}>Sessions</a></p><div class="empty"><p><b>The session cannot be shown.</b></p><p>${d.problem}</p></div>`;
  const s = d.session;
  if (!s) return html`<p class="booting" role="status">Loading…</p>`;
  const over = s.condition === 'closed';
  const tabs = [['history', 'History'], ['vars', 'Variables'], ...(hasDesk ? [['traffic', 'Requests']] : [])];
  return html`<p class="back"><a href=${href('sessions')}>Sessions</a></p>
    <div class="title"><h1>${s.flow} <span class=${'chip ' + (over ? '' : 'live')}>${over ? s.outcome || 'over' : s.condition}</span></h1>
      ${over ? '' : html`<${End} s=${s} />`}</div>
    <p class="lead small"><code title=${s.id}>${s.id.slice(0, 8)}</code> · version <code>${s.closure.slice(0, 8)}</code>${stale(s) ? html` <span class="chip warn" title="A newer version of the flow is in force. This session keeps its own.">older version</span>` : ''} · begun ${time(s.started)}${over && s.ended ? `, lasted ${span(Date.parse(s.ended) - Date.parse(s.started))}` : ''}</p>
    <${Signals} s=${s} />
    ${over && hasDesk ? html`<${SaveTest} s=${s} />` : ''}
    <div class="split"><${Legs} s=${s} /><${Times} s=${s} /></div>
    <section class="card graph-card"><h2>States</h2>${d.graphs ? html`<${Graph} graphs=${d.graphs.graphs} id=${d.graphs.closure} session=${s} history=${d.history} />` : html`<p role="status">Loading…</p>`}</section>
    <section class="card"><div class="tabs" role="tablist">${tabs.map(([t, label]) => html`<button role="tab" key=${t} id=${'tab-' + t} aria-selected=${t === tab} aria-controls="tab-panel" onClick=${() => setTab(t)}>${label}</button>`)}</div>
      <div id="tab-panel" role="tabpanel" aria-labelledby=${'tab-' + tab}>
      ${tab === 'history' ? html`<${History} history=${d.history} session=${s} />` : tab === 'vars' ? html`<${Variables} session=${s} />` : html`<${Traffic} list=${d.traffic || []} />`}</div></section>`;
}

const stale = (s) => s.condition !== 'closed' && state.flows.some((f) => f.id === s.flow && f.closure !== s.closure);

function End({ s }) {
  const [sure, setSure] = useState(false);
  if (!sure) return html`<button class="quiet" onClick=${() => { setSure(true); setTimeout(() => setSure(false), 5000); }}>End session…</button>`;
  return html`<button class="bad" onClick=${() => attempt(() => request('DELETE', '/api/sessions/' + encodeURIComponent(s.id)))}>Hang up all calls</button>`;
}

function Signals({ s }) {
  const [asked, setAsked] = useState('');
  const [busy, setBusy] = useState('');
  if (!s.signals.length) return '';
  const send = async (sig, data, key) => {
    await post(`/api/sessions/${encodeURIComponent(s.id)}/signals/${encodeURIComponent(sig.name)}`, { data }, key ? { 'Idempotency-Key': key } : {});
    toast(`${sig.label || sig.name}: sent`, 'good');
    setAsked('');
  };
  const click = async (sig) => {
    if (sig.data?.length) {
      setAsked(asked === sig.name ? '' : sig.name);
      return;
    }
    setBusy(sig.name);
    await attempt(() => send(sig, {}));
    setBusy('');
  };
  const form = s.signals.find((sig) => sig.name === asked);
  return html`<section class="card signals" aria-label="Signals"><h2>Signals</h2><div class="row">${s.signals.map((sig) => html`
    <button key=${sig.name} class="primary" disabled=${busy === sig.name} aria-expanded=${sig.data?.length ? String(asked === sig.name) : undefined} onClick=${() => click(sig)}>${sig.label || sig.name}${sig.data?.length ? '…' : ''}</button>`)}</div>
    ${form ? html`<${InputForm} key=${form.name} inputs=${form.data} prefix="signal" button=${'Send ' + (form.label || form.name)} send=${(data, key) => send(form, data, key)} onCancel=${() => setAsked('')} />` : ''}</section>`;
}

const conditions = { placing: 'is placed', ringing: 'rings', up: 'talks', settling: 'is over', gone: 'is over' };

// A caller who is put through to somebody is answered then, which Twilio tells us only
// when the talk is over.
const through = (l, s) => l.condition === 'ringing' && l.direction === 'inbound' && s.legs.some((o) => o.direction === 'outbound-dial' && o.condition === 'up');

function legText(l, s) {
  if (through(l, s)) return conditions.up;
  if (l.condition !== 'gone' && l.condition !== 'settling') return conditions[l.condition] || l.condition;
  return l.result || 'is over';
}

function Legs({ s }) {
  const total = s.price ? cost(s.price, s.price_unit) : '';
  return html`<section class="card legs"><h2>Legs</h2>
    ${s.legs.length === 0 ? html`<p class="hint">No call has been placed yet.</p>` : html`<ul>${s.legs.map((l) => html`<li key=${l.number} class=${l.condition === 'gone' ? 'gone' : ''}>
      <span class=${'legdot ' + legColor(l.number)} aria-hidden="true"></span>
      <div><b>${l.name || 'leg ' + l.number}</b> <span class="number">${phoneNumber(l.direction === 'inbound' ? l.from : l.to)}</span>
        <p>${legText(l, s)}${l.state && l.condition !== 'gone' ? html` in <b>${l.state}</b>` : ''}${l.answered_by ? ', ' + l.answered_by.replaceAll('_', ' ') : ''}</p></div>
      <div class="end"><span class="timer">${legTime(l)}</span><p class="price">${cost(l.price, l.price_unit)}</p></div></li>`)}</ul>`}
    ${total || s.price_open ? html`<p class="total"><span>Cost${s.price_open ? `, ${s.price_open} not known yet` : ''}</span><b>${total}</b></p>` : ''}</section>`;
}

function legTime(l) {
  if (l.condition === 'up' && l.answered_at) return span(now() - Date.parse(l.answered_at));
  return l.duration ? span(l.duration * 1000) : '';
}

function Times({ s }) {
  const m = s.meter;
  const timers = s.timers.filter((t) => t.scope !== 'engine').sort((a, b) => Date.parse(a.due) - Date.parse(b.due));
  if (!m && !timers.length) return '';
  return html`<section class="card times"><h2>Time</h2>
    ${m ? html`<${Meter} m=${m} />` : ''}
    ${timers.length ? html`<ul>${timers.map((t) => html`<li key=${t.scope + t.name + t.leg}><span>${t.scope === 'state' ? html`in <b>${t.name}</b>` : t.name}${t.leg ? html` <small>${s.legs[t.leg - 1]?.name || 'leg ' + t.leg}</small>` : ''}</span><span class="timer">${span(Date.parse(t.due) - now())}</span></li>`)}</ul>` : ''}</section>`;
}

function Meter({ m }) {
  const since = Date.parse(m.since || '');
  const end = Date.parse(m.end || '');
  const at = m.stopped ? Date.parse(m.stopped) : now();
  const whole = end - since;
  const left = Number.isFinite(whole) ? Math.max(0, end - at) : 0;
  const share = whole > 0 ? left / whole : 1;
  return html`<div class=${'meter' + (share < 0.2 ? ' low' : '')}><p><span>Meter${m.stopped ? ', stopped' : Number.isFinite(whole) ? '' : ', not running yet'}</span><b class="timer">${Number.isFinite(whole) ? span(left) : ''}</b></p>
    <progress max="1" value=${share} aria-label="Time that is left">${Math.round(share * 100)}%</progress>
    <p class="hint">${m.balance} at ${m.rate} per ${m.per.replace(/m0s$/, 'm')}${m.credits && m.credits !== '0.00' ? `, ${m.credits} added` : ''}</p></div>`;
}
