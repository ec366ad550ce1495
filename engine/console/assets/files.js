// Files: what came of the newest loads of the flow folder.
import { html, state, when, href, plural } from './base.js';

// FilesBanner stands above every view while the files on disk are not those in force.
export function FilesBanner({ view }) {
  const load = state.files?.loads[0];
  if (!load || load.good || view === 'files') return '';
  const first = (load.problems || []).find((p) => p.severity === 'error');
  return html`<div class="banner bad" role="alert"><p><b>The newest change is not loaded.</b> The version before is still running.
    ${first ? html` <code>${place(first)}</code> ${first.message}` : ' ' + (load.error || '')}</p><a class="button" href=${href('files')}>Show</a></div>`;
}

const place = (p) => [p.file, p.line, p.column].filter(Boolean).join(':');

export function Files() {
  const files = state.files;
  if (!files) return '';
  const [newest, ...older] = files.loads;
  return html`<h1>Files</h1>
    <p class="lead">The flow files in <code>${files.folder}</code> are watched. What is saved without errors is there at the next call; calls that are up keep the version they began with.</p>
    ${newest ? html`<${Load} load=${newest} newest />` : ''}
    ${older.length ? html`<h2>Before</h2>${older.map((l) => html`<${Load} key=${l.at} load=${l} />`)}` : ''}`;
}

function Load({ load, newest }) {
  const problems = load.problems || [];
  const errors = problems.filter((p) => p.severity === 'error');
  const warnings = problems.filter((p) => p.severity !== 'error');
  return html`<section class=${`card load ${load.good ? 'good' : 'bad'}`}>
    <header><span class=${'chip ' + (load.good ? 'good' : 'bad')}>${load.good ? (newest ? 'In force' : 'Was loaded') : 'Not loaded'}</span>
      <h3>${load.good ? changesOf(load) : `${plural(errors.length, 'error')}${newest ? '. The version before is still running' : ''}`}</h3><time>${when(load.at)}</time></header>
    ${load.error ? html`<p class="problem">${load.error}</p>` : ''}
    ${(load.changes || []).length ? html`<ul class="changes">${load.changes.map((c) => html`<li>${c}</li>`)}</ul>` : ''}
    ${errors.map((p) => html`<${ProblemCard} p=${p} />`)}
    ${newest && warnings.length ? html`<details class="more warnings" open=${!errors.length}><summary>${plural(warnings.length, 'warning')}</summary>${warnings.map((p) => html`<${ProblemCard} p=${p} />`)}</details>` : ''}
  </section>`;
}

// changesOf says which files a load has changed; more than most of them are only counted.
export function changesOf(load, most = Infinity) {
  const names = (list, word) => (list || []).map((f) => `${f} ${word}`);
  const all = [...names(load.added, 'is new'), ...names(load.changed, 'has changed'), ...names(load.removed, 'is gone')];
  if (!all.length) return `${plural(state.files.flows, 'flow')} loaded`;
  return all.length > most ? plural(all.length, 'file') + ' loaded' : all.join(', ');
}

function ProblemCard({ p }) {
  const source = p.source || '';
  const at = Math.max(0, (p.column || 1) - 1);
  return html`<article class=${'finding ' + p.severity}>
    <p><code class="place">${place(p)}</code> <b>${p.severity}:</b> ${p.message} <span class="code">${p.code}</span></p>
    ${source ? html`<pre class="source"><span class="line">${p.line}</span>${source.slice(0, at)}<mark>${source.slice(at, at + 1) || ' '}</mark>${source.slice(at + 1)}</pre>` : ''}
    ${p.hint ? html`<p class="hint">${p.hint}</p>` : ''}
  </article>`;
}
