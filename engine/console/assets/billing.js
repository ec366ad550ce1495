// The billing service that the desk plays for prepaid flows: what accounts hold, and
// whether charges succeed.
import { html, useState, request, get, attempt, toast } from './base.js';

export function Billing() {
  const [service, setService] = useState(null);
  const open = async (e) => {
    if (e.target.open) setService((await attempt(() => get('/desk/billing'))) || null);
  };
  async function submit(e) {
    e.preventDefault();
    const form = new FormData(e.target);
    const now = await attempt(() => request('PUT', '/desk/billing', { balance: form.get('balance').trim(), refuse: form.get('refuse') === 'true' }));
    if (!now) return;
    setService(now);
    toast(`Accounts hold ${now.balance}; charges ${now.refuse ? 'are refused' : 'succeed'}`, 'good');
  }
  return html`<details class="more billing" onToggle=${open}><summary>Billing service of the prepaid flows</summary>
    ${service ? html`<form class="card" onSubmit=${submit}>
      <div class="field"><label for="billing-balance">What every account holds</label>
        <input id="billing-balance" name="balance" inputmode="decimal" defaultValue=${service.balance} autocomplete="off" /></div>
      <div class="field check"><input id="billing-refuse" type="checkbox" name="refuse" value="true" defaultChecked=${service.refuse} /><label for="billing-refuse">Refuse charges</label></div>
      <button>Set</button></form>` : ''}</details>`;
}
