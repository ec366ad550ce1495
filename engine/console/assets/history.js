// The history of a session: every commit with what led to it and what came of it; its
// variables; and on a desk every request as it went over the wire.
import { html, useState, time, get, attempt, legColor } from './base.js';

export function History({ history, session }) {
  const [all, setAll] = useState(false);
  if (!history.length) return html`<p class="hint">Nothing yet.</p>`;
  const newest = [...history].reverse();
  const shown = all ? newest : newest.slice(0, 60);
  return html`<ol class="history">${shown.map((c) => html`<${Commit} key=${c.rev} c=${c} session=${session} />`)}</ol>
    ${shown.length < newest.length ? html`<button class="quiet" onClick=${() => setAll(true)}>Show all ${newest.length}</button>` : ''}`;
}

const legName = (session, number) => {
  const l = session.legs[number - 1];
  return l ? l.name || 'leg ' + number : '';
};

function Commit({ c, session }) {
  const entries = c.entries || [];
  const [first = { what: 'event', name: '' }, ...rest] = entries;
  return html`<li><details><summary>
    <time>${time(c.at)}</time>
    ${first.leg ? html`<span class=${'legdot ' + legColor(first.leg)} aria-hidden="true"></span>` : html`<span class="legdot none" aria-hidden="true"></span>`}
    <span class="what"><b>${title(first)}</b>${first.leg ? html` <span class="hint">${legName(session, first.leg)}</span>` : ''}
      <span class="outcomes">${rest.map((e, i) => html`<${Outcome} key=${i} e=${e} session=${session} />`)}</span></span></summary>
    <div class="raw">${entries.map((e, i) => html`<${Raw} key=${i} e=${e} session=${session} />`)}<p class="hint">Commit ${c.rev} at ${c.at}</p></div></details></li>`;
}

const titles = { inbound: 'A call comes in', begin: 'Started', act: 'The verb reports', end: 'The document ran out', delete: 'Ended by hand', tick: 'A timer is due' };

function title(e) {
  const f = e.fields || {};
  if (e.what === 'late') return 'Late: ' + e.name;
  if (e.name === 'status' && f.CallStatus) return f.CallStatus;
  if (e.name === 'act' && f.Digits) return `Keys ${f.Digits}`;
  if (e.name === 'act' && f.SpeechResult) return `“${f.SpeechResult}”`;
  if (e.name === 'act' && f.DialCallStatus) return `Dial: ${f.DialCallStatus}`;
  if (e.name === 'room' && f.StatusCallbackEvent) return f.StatusCallbackEvent;
  if (e.name?.startsWith('signal.')) return `Signal ${e.name.slice(7)}`;
  if (e.name?.startsWith('result.')) return `Result: ${e.name.slice(7)}${f.status ? ' ' + f.status : ''}`;
  return titles[e.name] || e.name || e.what;
}

function Outcome({ e, session }) {
  const leg = e.leg ? legName(session, e.leg) + ' ' : '';
  switch (e.what) {
    case 'moved': return html`<span class="chip moved">${leg}${e.from ? e.from + ' ' : ''}→ ${e.to}</span>`;
    case 'document': return html`<span class="chip">TwiML</span>`;
    case 'effect': return html`<span class="chip">${e.name}</span>`;
    case 'var': return html`<span class="chip">${e.name} = ${short(e.text)}</span>`;
    case 'end': return html`<span class="chip">${e.leg ? leg : 'session '}ends: ${e.name}</span>`;
    case 'fault': return html`<span class="chip bad">${e.text || e.why}</span>`;
    case 'timer': return html`<span class="chip">timer ${e.name}</span>`;
    case 'meter': return html`<span class="chip">meter ${e.name} ${e.text || ''}</span>`;
    case 'price': return html`<span class="chip">price ${e.text || 'none'}</span>`;
    case 'log': return html`<span class="chip">log: ${short(e.text)}</span>`;
    default: return '';
  }
}

const short = (text = '') => (text.length > 40 ? text.slice(0, 39) + '…' : text);

function Raw({ e, session }) {
  const name = [e.what, e.name, e.leg ? legName(session, e.leg) : '', e.effect ? '#' + e.effect : ''].filter(Boolean).join(' · ');
  const rest = [e.from && 'from ' + e.from, e.to && 'to ' + e.to, e.why, e.at && e.what === 'timer' && 'due ' + time(e.at)].filter(Boolean).join(', ');
  return html`<section><h4>${name}${rest ? html` <span class="hint">${rest}</span>` : ''}</h4>
    ${e.fields ? html`<${Table} fields=${e.fields} />` : ''}
    ${e.text ? html`<pre>${e.what === 'document' ? pretty(e.text) : e.text}</pre>` : ''}</section>`;
}

function Table({ fields }) {
  return html`<div class="scroll"><table><tbody>${Object.keys(fields).sort().map((k) => html`<tr key=${k}><th scope="row">${k}</th><td>${isXML(fields[k]) ? html`<pre>${pretty(fields[k])}</pre>` : fields[k]}</td></tr>`)}</tbody></table></div>`;
}

const isXML = (text) => typeof text === 'string' && text.startsWith('<');

// pretty indents a document: one element a line.
export function pretty(text) {
  const doc = new DOMParser().parseFromString(text, 'text/xml');
  if (doc.querySelector('parsererror')) return text;
  const lines = [];
  const walk = (node, indent) => {
    if (node.nodeType === Node.TEXT_NODE) {
      if (node.data.trim()) lines.push(indent + node.data.trim());
      return;
    }
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    const open = node.tagName + Array.from(node.attributes, (a) => ` ${a.name}="${a.value}"`).join('');
    const children = Array.from(node.childNodes).filter((n) => n.nodeType === Node.ELEMENT_NODE || n.data?.trim());
    if (!children.length) lines.push(`${indent}<${open}/>`);
    else if (children.length === 1 && children[0].nodeType === Node.TEXT_NODE) lines.push(`${indent}<${open}>${children[0].data.trim()}</${node.tagName}>`);
    else {
      lines.push(`${indent}<${open}>`);
      children.forEach((n) => walk(n, indent + '  '));
      lines.push(`${indent}</${node.tagName}>`);
    }
  };
  walk(doc.documentElement, '');
  return lines.join('\n');
}

export function Variables({ session }) {
  const groups = [['Input', session.input], ['Variables', session.vars]].filter(([, v]) => v && Object.keys(v).length);
  if (!groups.length) return html`<p class="hint">The session has no input and no variables.</p>`;
  return groups.map(([name, values]) => html`<h3 key=${name}>${name}</h3><div class="scroll"><table class="vars"><tbody>${Object.keys(values).sort().map((k) => html`
    <tr key=${k}><th scope="row">${k}</th><td>${typeof values[k] === 'object' && values[k] !== null ? html`<pre>${JSON.stringify(values[k], null, 2)}</pre>` : String(values[k])}</td></tr>`)}</tbody></table></div>`);
}

// Traffic is every request between server and Twilio that belongs to the session.
export function Traffic({ list }) {
  if (!list.length) return html`<p class="hint">No request yet.</p>`;
  return html`<ol class="history traffic">${[...list].reverse().slice(0, 200).map((e) => html`<${ExchangeRow} key=${e.number} e=${e} />`)}</ol>`;
}

function ExchangeRow({ e }) {
  const [whole, setWhole] = useState(null);
  const open = async (ev) => {
    if (ev.target.open && !whole) setWhole(await attempt(() => get('/desk/traffic/' + e.number)));
  };
  return html`<li><details onToggle=${open}><summary><time>${time(e.at)}</time>
      <span class=${'dir ' + (e.rest ? 'rest' : 'hook')}>${e.rest ? 'REST' : 'webhook'}</span>
      <span class="what"><b>${e.method}</b> <code>${pathOf(e.url)}</code></span>
      <span class=${'chip ' + (e.status >= 200 && e.status < 400 ? '' : 'bad')}>${e.status || 'no answer'}</span></summary>
    <div class="raw">${whole ? html`
      <section><h4>Request</h4><p class="url"><code>${whole.method} ${whole.url}</code></p>${whole.params ? html`<${Table} fields=${Object.fromEntries(new URLSearchParams(whole.params))} />` : ''}</section>
      <section><h4>Reply <span class="hint">${whole.status}</span></h4><pre>${bodyOf(whole.body)}</pre></section>` : html`<p role="status">Loading…</p>`}</div></details></li>`;
}

function pathOf(url) {
  try {
    return new URL(url, location.href).pathname;
  } catch {
    return url;
  }
}

function bodyOf(body) {
  if (!body) return '(empty)';
  if (isXML(body)) return pretty(body);
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
