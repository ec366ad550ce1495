// Forms of a flow's input and of a signal's data: one field for each value, and what the
// server finds wrong at the field that it is about.
import { html, useState, useRef, useEffect } from './base.js';

const hints = {
  phone: 'such as +15005550142', duration: 'such as 30s, 5m or 1h30m', number: '', text: '', boolean: '', choice: '',
};

const id = (prefix, input) => `${prefix}-${input.name}`;

export function InputFields({ inputs, prefix, errors = {} }) {
  return (inputs || []).map((i) => html`<${Field} key=${i.name} input=${i} id=${id(prefix, i)} error=${errors[i.name]} />`);
}

function Field({ input, id, error }) {
  const label = input.label || input.name;
  const needed = input.default == null && !input.optional;
  const about = [error ? id + '-problem' : '', hints[input.type] ? id + '-hint' : ''].filter(Boolean).join(' ');
  const common = {
    id, name: input.name, 'aria-invalid': error ? 'true' : undefined, 'aria-describedby': about || undefined, 'aria-required': needed ? 'true' : undefined,
    autocomplete: 'off',
  };
  const problem = error ? html`<p class="problem" id=${id + '-problem'} role="alert">${error}</p>` : '';
  if (input.type === 'boolean') {
    return html`<div class="field check"><input type="checkbox" ...${common} value="true" defaultChecked=${input.default === 'true'} /><label for=${id}>${label}</label>${problem}</div>`;
  }
  return html`<div class="field"><label for=${id}>${label}${needed ? '' : html` <span class="optional">optional</span>`}</label>
    <${Control} input=${input} common=${common} needed=${needed} />
    ${hints[input.type] ? html`<p class="hint" id=${id + '-hint'}>${hints[input.type]}</p>` : ''}${problem}</div>`;
}

function Control({ input, common, needed }) {
  if (input.type === 'choice') {
    return html`<select ...${common}>
      ${needed || input.optional ? html`<option value="">${needed ? 'Choose…' : 'None'}</option>` : ''}
      ${input.values.map((v) => html`<option key=${v} value=${v} selected=${v === input.default}>${v}</option>`)}</select>`;
  }
  const kind = { phone: 'tel', number: 'text' }[input.type] || 'text';
  return html`<input type=${kind} inputmode=${input.type === 'number' ? 'decimal' : undefined} ...${common} defaultValue=${input.default || ''} />`;
}

// collect gives the values that were filled in, as text.
export function collect(inputs, form) {
  const values = {};
  for (const i of inputs || []) {
    if (i.type === 'boolean') values[i.name] = form.get(i.name) === 'true' ? 'true' : 'false';
    else if ((form.get(i.name) || '').trim() !== '') values[i.name] = form.get(i.name).trim();
  }
  return values;
}

// InputForm asks for inputs and sends them; send gets the values and a key that is the
// same for each attempt of one form, so that a repetition does no harm.
export function InputForm({ inputs, prefix, button, send, onCancel }) {
  const [errors, setErrors] = useState({});
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const key = useRef(newKey());
  const form = useRef(null);
  useEffect(() => {
    form.current?.querySelector('[aria-invalid=true]')?.focus();
  }, [errors]);
  async function submit(e) {
    e.preventDefault();
    setBusy(true);
    setProblem('');
    setErrors({});
    try {
      await send(collect(inputs, new FormData(e.target)), key.current);
      key.current = newKey();
    } catch (err) {
      const known = new Set((inputs || []).map((i) => i.name));
      const list = err.errors || [];
      if (list.length || err.status === 422) key.current = newKey(); // the next attempt is another request
      setErrors(Object.fromEntries(list.filter((p) => known.has(p.name)).map((p) => [p.name, p.message])));
      if (!list.some((p) => known.has(p.name))) setProblem(err.message);
    }
    setBusy(false);
  }
  return html`<form ref=${form} onSubmit=${submit} novalidate>
    <${InputFields} inputs=${inputs} prefix=${prefix} errors=${errors} />
    ${problem ? html`<p class="problem" role="alert">${problem}</p>` : ''}
    <div class="row"><button class="primary" disabled=${busy}>${button}</button>
      ${onCancel ? html`<button type="button" class="quiet" onClick=${onCancel}>Cancel</button>` : ''}</div>
  </form>`;
}

const newKey = () => 'page-' + Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');
