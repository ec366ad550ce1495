// Flows: what can be called and started, and the switches.
import { html, useState, useEffect, state, changed, get, post, request, attempt, toast, go, href, phoneNumber, hasDesk, when } from './base.js';
import { InputForm } from './forms.js';
import { Graph } from './graph.js';

export function Flows() {
  const flows = state.flows;
  return html`<h1>Flows</h1>
    <${Switches} />
    ${flows.length === 0 ? html`<div class="empty"><p><b>There are no flows yet.</b></p><p>Put a file such as <code>menu.yaml</code> into the folder of flows. It appears here when it is saved.</p></div>` : ''}
    <ul class="list">${flows.map((f) => html`<li key=${f.id}><a class="card item" href=${href('flows', f.id)}>
      <h3>${f.id}</h3><p>${f.description || 'No description.'}</p>
      <p class="tags">${f.numbers.map((n) => html`<span class="chip">${phoneNumber(n)}</span>`)}${f.startable ? html`<span class="chip">start</span>` : ''}${f.answers && !f.numbers.length ? html`<span class="chip">answers by name</span>` : ''}</p></a></li>`)}</ul>`;
}

function Switches() {
  if (!state.switches.length) return '';
  return html`<section class="card switches"><h2>Switches</h2>${state.switches.map((s) => html`<${Toggle} key=${s.name} s=${s} />`)}</section>`;
}

function Toggle({ s }) {
  const set = (on) => attempt(async () => {
    const now = await request('PUT', '/api/switches/' + encodeURIComponent(s.name), { on });
    state.switches = state.switches.map((o) => (o.name === s.name ? { ...o, on: now.on } : o));
    changed();
  });
  return html`<label class="toggle"><input type="checkbox" role="switch" checked=${s.on} onChange=${(e) => set(e.target.checked)} />
    <span class="knob" aria-hidden="true"></span><span><b>${s.label || s.name}</b> <span class="hint">${s.flows.join(', ')}</span></span></label>`;
}

export function FlowPage({ name }) {
  const flow = state.flows.find((f) => f.id === name);
  const [graphs, setGraphs] = useState(null);
  useEffect(() => {
    let gone = false;
    if (flow) attempt(() => get(`/api/flows/${encodeURIComponent(name)}/graph`)).then((g) => { if (g && !gone) setGraphs(g); });
    return () => { gone = true; };
  }, [name, flow?.closure]);
  if (!flow) {
    return html`<p class="back"><a href=${href('flows')}>Flows</a></p><div class="empty"><p><b>There is no flow ${name}.</b></p><p>Its file may have been renamed or removed.</p></div>`;
  }
  return html`<p class="back"><a href=${href('flows')}>Flows</a></p>
    <h1>${flow.id}</h1><p class="lead">${flow.description}</p>
    <div class="facts">
      ${flow.numbers.length ? html`<div><b>Numbers</b><span>${flow.numbers.map(phoneNumber).join(', ')}</span></div>` : ''}
      <div><b>File</b><span><code>${flow.file}</code></span></div>
      <div><b>Version</b><span><code>${flow.closure.slice(0, 8)}</code> since ${when(flow.loaded)}</span></div>
      ${flow.signals.length ? html`<div><b>Signals</b><span>${flow.signals.map((s) => s.label || s.name).join(', ')}</span></div>` : ''}
    </div>
    ${flow.startable ? html`<section class="card"><h2>Start</h2><${StartForm} flow=${flow} /></section>` : ''}
    ${!flow.startable && flow.answers ? html`<p class="hint">Begun by a call${hasDesk ? ': call it with the phone' : ''}.</p>` : ''}
    <section class="card graph-card"><h2>States</h2>${graphs ? html`<${Graph} graphs=${graphs.graphs} id=${graphs.closure} />` : html`<p role="status">Loading…</p>`}</section>`;
}

function StartForm({ flow }) {
  async function send(input, key) {
    const { id } = await post(`/api/flows/${encodeURIComponent(flow.id)}/sessions`, { input }, { 'Idempotency-Key': key });
    toast(`${flow.id} has begun`, 'good');
    go('sessions', id);
  }
  return html`<${InputForm} inputs=${flow.inputs} prefix="start" button="Start" send=${send} />`;
}
