// The page: what is read from the server, what the address names, and the frame around
// all views.
import { html, render, useEffect, state, changed, onChange, get, attempt, toast, hasDesk, hasPhones, hasLogin, href, localSet, Problem } from './base.js';
import { Phones, takePhone, takeLine, loadPhones, keyboard } from './phones.js';
import { VoicePhone } from './voice.js';
import { Sessions, SessionPage, loadDetail, forgetDetail, takeSession, takeTraffic } from './sessions.js';
import { Flows, FlowPage } from './flows.js';
import { Files, FilesBanner, changesOf } from './files.js';

// readAll reads everything anew: at the beginning, and when events were lost.
async function readAll() {
  await attempt(async () => {
    const [flows, switches, sessions, files] = await Promise.all([
      get('/api/flows'), get('/api/switches'), get('/api/sessions?limit=200'), get('/api/files'), hasDesk ? loadPhones() : null,
    ]);
    state.flows = flows.flows;
    state.switches = switches.switches;
    state.sessions = new Map(sessions.sessions.reverse().map((s) => [s.id, s]));
    state.files = files;
    state.ready = true;
  });
  if (state.detail) loadDetail(state.detail.id);
  changed();
}

async function readFlows() {
  await attempt(async () => {
    state.flows = (await get('/api/flows')).flows;
    state.switches = (await get('/api/switches')).switches;
  });
  changed();
}

function takeFiles(files) {
  state.files = files;
  const load = files.loads[0];
  if (load && load.good) {
    toast(changesOf(load, 3), 'good');
    readFlows();
  } else if (load) {
    toast('The change has problems. The version before is still running.', 'bad');
  }
  changed();
}

function takeSwitch(s) {
  state.switches = state.switches.map((o) => (o.name === s.name ? s : o));
  changed();
}

const handlers = {
  session: takeSession, files: takeFiles, switch: takeSwitch, phone: takePhone, line: takeLine, traffic: takeTraffic,
};

// listen keeps the stream of events open.
function listen() {
  const events = new EventSource('/api/events');
  const again = () => {
    state.connected = true;
    readAll();
  };
  events.addEventListener('hello', again);
  events.addEventListener('reset', again);
  for (const [name, take] of Object.entries(handlers)) {
    events.addEventListener(name, (e) => take(JSON.parse(e.data)));
  }
  events.onopen = () => {
    state.connected = true;
    changed();
  };
  events.onerror = () => {
    state.connected = false;
    changed();
    if (events.readyState !== EventSource.CLOSED) return; // it connects again by itself
    setTimeout(() => {
      get('/api/switches').then(listen, (e) => {
        if (!(e instanceof Problem)) throw e;
        events.onerror();
      });
    }, 3000);
  };
}

function readRoute() {
  state.route = location.hash.replace(/^#\/?/, '').split('/').filter(Boolean).map(decodeURIComponent);
  const [view, name] = state.route;
  if (view === 'sessions' && name) loadDetail(name);
  else forgetDetail();
  changed();
}

const themes = { '': 'System', light: 'Light', dark: 'Dark' };

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  if (!theme) delete document.documentElement.dataset.theme;
  localSet('theme', theme);
  changed();
}

function ThemeButton() {
  const names = Object.keys(themes);
  const theme = document.documentElement.dataset.theme || '';
  const next = names[(names.indexOf(theme) + 1) % names.length];
  return html`<button class="quiet" onClick=${() => setTheme(next)} aria-label=${`Colours: ${themes[theme]}. Change to ${themes[next]}`}>
    <span aria-hidden="true">${{ '': '◐', light: '☀', dark: '☾' }[theme]}</span> <span class="wide">${themes[theme]}</span></button>`;
}

function Nav({ view }) {
  const live = [...state.sessions.values()].filter((s) => s.active).length;
  const ringing = [...state.phones.values()].filter((p) => p.state === 'ringing').length;
  const broken = state.files?.loads[0]?.good === false;
  const items = [['sessions', 'Sessions', live], ['flows', 'Flows', 0], ['files', 'Files', broken ? '!' : 0]];
  if (hasPhones) items.unshift(['phones', 'Phones', ringing]);
  return html`<nav aria-label="Views">${items.map(([id, label, count]) => html`
    <a key=${id} href=${href(id)} class=${'tab tab-' + id} aria-current=${view === id ? 'page' : undefined}>
      ${label}${count ? html`<span class=${'count' + (count === '!' || id === 'phones' ? ' hot' : '')}>${count}</span>` : ''}</a>`)}</nav>`;
}

function View({ view, name }) {
  if (!state.ready) return html`<p class="booting" role="status">Loading…</p>`;
  if (view === 'flows') return name ? html`<${FlowPage} key=${name} name=${name} />` : html`<${Flows} />`;
  if (view === 'files') return html`<${Files} />`;
  if (view === 'sessions' && name) return html`<${SessionPage} key=${name} id=${name} />`;
  return html`<${Sessions} />`;
}

function App() {
  const [route = hasPhones ? 'phones' : 'sessions', name] = state.route;
  useEffect(() => {
    const ringing = [...state.phones.values()].filter((p) => p.state === 'ringing').length;
    document.title = (ringing ? `(${ringing}) ` : '') + (name ? name.slice(0, 24) + ' · ' : '') + 'Ringdown';
  });
  return html`<div class=${'app view-' + route + (hasPhones ? ' with-phones' : '')}>
    <a class="skip" href="#main" onClick=${(e) => { e.preventDefault(); document.getElementById('main').focus(); }}>Skip to the content</a>
    <header class="top">
      <a class="brand" href=${href(hasPhones ? 'phones' : 'sessions')}><img src="/console/assets/icon.svg" alt="" width="24" height="24" /> Ringdown</a>
      <${Nav} view=${route} />
      <div class="tools">
        <span class=${'link ' + (state.connected ? 'up' : 'down')} role="status" title=${state.connected ? 'Connected: changes appear by themselves' : 'The connection is lost. It is tried again.'}>
          <i aria-hidden="true"></i><span class="wide">${state.connected ? 'Live' : 'Reconnecting…'}</span></span>
        <${ThemeButton} />
        ${hasLogin ? html`<form method="post" action="/console/logout"><button class="quiet">Log out</button></form>` : ''}
      </div>
    </header>
    <${FilesBanner} view=${route} />
    <div class="columns">
      ${hasPhones ? html`<aside class="phones" aria-label="Phones">${!state.ready ? '' : hasDesk ? html`<${Phones} />` : html`<${VoicePhone} />`}</aside>` : ''}
      <main id="main" tabindex="-1"><${View} view=${route} name=${name} /></main>
    </div>
    <div class="toasts" role="status" aria-live="polite">${state.toasts.map((t) => html`<p key=${t.id} class=${'toast ' + t.kind}>${t.text}</p>`)}</div>
  </div>`;
}

onChange(() => render(html`<${App} />`, document.getElementById('page')));
document.getElementById('page').textContent = '';
addEventListener('hashchange', readRoute);
addEventListener('keydown', keyboard);
setInterval(changed, 1000); // times count on
readRoute();
listen();
