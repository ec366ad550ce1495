// A session that is over becomes a test case of its flow.
import { html, useState, post } from './base.js';

export function SaveTest({ s }) {
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const [saved, setSaved] = useState(null);
  async function submit(e) {
    e.preventDefault();
    const name = new FormData(e.target).get('name').trim();
    setBusy(true);
    setProblem('');
    try {
      setSaved(await post(`/desk/sessions/${encodeURIComponent(s.id)}/save`, { name }));
      setOpen(false);
    } catch (err) {
      setProblem(err.message);
    }
    setBusy(false);
  }
  if (saved) {
    return html`<section class="card" aria-label="Test case"><h2>Saved as a test</h2><p>It was played and holds. It is in <code>${saved.file}</code>; <code>ringdown test</code> plays it from now on.</p>
      <details class="more"><summary>Show the case</summary><pre class="source">${saved.text}</pre></details></section>`;
  }
  if (!open) return html`<p class="row save"><button onClick=${() => setOpen(true)}>Save as a test…</button></p>`;
  return html`<section class="card" aria-label="Save as a test"><form onSubmit=${submit}>
    <div class="field"><label for="save-name">What does this call tell?</label>
      <input id="save-name" name="name" required autocomplete="off" placeholder="the caller presses 1 and talks to sales" />
      <p class="hint">The call becomes a case beside the flow, is played, and kept when it holds.</p></div>
    ${problem ? html`<pre class="problem" role="alert">${problem}</pre>` : ''}
    <div class="row"><button class="primary" disabled=${busy}>${busy ? 'Playing it…' : 'Save'}</button><button type="button" class="quiet" onClick=${() => setOpen(false)}>Cancel</button></div></form></section>`;
}
