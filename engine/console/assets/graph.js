// The states of a flow as a drawing, and where the legs of a session are in it. The places
// come from dagre, which is loaded as a script of its own.
import { html, useState, useEffect, useMemo, useRef, legColor } from './base.js';

const font = '13px system-ui, sans-serif';
const small = '11px system-ui, sans-serif';
const pad = 12;
const line = 16;

let ruler = null;

function width(text, f) {
  ruler = ruler || document.createElement('canvas').getContext('2d');
  ruler.font = f;
  return ruler.measureText(text).width;
}

const cut = (text, most) => (text.length > most ? text.slice(0, most - 1) + '…' : text);

// layout gives boxes and lines their places. Ways out and ways back to the same state are
// lines of text in the box that they leave: drawn, they would hide all others.
function layout(graph) {
  const exits = new Set(graph.nodes.filter((n) => n.kind === 'exit').map((n) => n.id));
  const boxes = new Map();
  for (const n of graph.nodes) {
    if (n.kind === 'exit') continue;
    boxes.set(n.id, { ...n, title: n.id.replace(/^@/, ''), rows: n.detail ? [{ text: cut(n.detail, 38), kind: 'detail' }] : [] });
  }
  const g = new dagre.graphlib.Graph({ multigraph: true });
  g.setGraph({ rankdir: 'TB', nodesep: 28, ranksep: 46, edgesep: 14, marginx: 12, marginy: 24 });
  g.setDefaultEdgeLabel(() => ({}));
  const edges = [];
  for (const e of graph.edges) {
    const from = boxes.get(e.from);
    if (!from) continue;
    if (exits.has(e.to)) from.rows.push({ text: cut([e.label, '→', e.to].filter(Boolean).join(' '), 40), kind: 'exit' });
    else if (e.from === e.to) from.rows.push({ text: cut(`${e.label || ''} ↻`, 40), kind: 'exit' });
    else if (boxes.has(e.to)) edges.push({ ...e, text: cut(e.label || '', 28) });
  }
  for (const b of boxes.values()) {
    b.width = Math.max(width(b.title, '600 ' + font), ...b.rows.map((r) => width(r.text, small))) + 2 * pad;
    b.height = 2 * pad - 4 + line * (1 + b.rows.length);
    g.setNode(b.id, b);
  }
  edges.forEach((e, i) => g.setEdge(e.from, e.to, { ...e, width: e.text ? width(e.text, small) + 8 : 0, height: e.text ? 14 : 0, labelpos: 'c' }, String(i)));
  dagre.layout(g);
  const size = g.graph();
  const drawn = g.edges().map((id) => {
    const e = g.edge(id);
    return { ...e, path: path(boxes.get(e.from), boxes.get(e.to), e.points) };
  });
  return { boxes: [...boxes.values()], edges: drawn, width: size.width || 100, height: size.height || 60 };
}

// path draws a line from box to box through the points between them: it leaves and
// arrives upright, so that lines that lead to one box come together softly.
function path(from, to, points) {
  const down = to.y >= from.y;
  const edge = (b, low, toward) => ({ x: Math.max(b.x - b.width / 2 + 12, Math.min(b.x + b.width / 2 - 12, b.x + (toward.x - b.x) * 0.25)), y: b.y + (low ? 1 : -1) * b.height / 2 });
  const inner = points.slice(1, -1);
  const all = [edge(from, down, inner[0] || to), ...inner, edge(to, !down, inner[inner.length - 1] || from)];
  let d = `M${all[0].x},${all[0].y}`;
  for (let i = 1; i < all.length; i++) {
    const a = all[i - 1];
    const b = all[i];
    const mid = (a.y + b.y) / 2;
    d += ` C${a.x},${mid} ${b.x},${mid} ${b.x},${b.y}`;
  }
  return d;
}

// walked gives the ways that the legs of a session have gone, as "from to".
function walked(history) {
  const ways = new Map();
  const places = {};
  for (const c of history || []) {
    for (const e of c.entries || []) {
      if (e.what !== 'moved') continue;
      const from = e.from || places[e.leg];
      if (from) ways.set(`${from} ${e.to}`, e.leg);
      else ['@answer', '@start'].forEach((entry) => ways.set(`${entry} ${e.to}`, e.leg));
      places[e.leg] = e.to;
    }
  }
  return ways;
}

// here gives the legs of a session that are in states of a flow.
function here(session, flow) {
  if (!session) return [];
  return session.legs.filter((l) => l.state && l.condition !== 'gone' && l.condition !== 'settling' && (l.flows?.[l.flows.length - 1] || session.flow) === flow);
}

export function Graph({ graphs, id, session, history }) {
  const [chosen, setChosen] = useState(0);
  const busy = graphs.findIndex((g, i) => i > 0 && here(session, g.flow).length);
  const index = graphs[chosen] ? chosen : 0;
  useEffect(() => {
    if (busy > 0) setChosen(busy);
  }, [busy]);
  const graph = graphs[index];
  if (!graph || !graph.nodes.length) return html`<p class="hint">The flow has no states.</p>`;
  return html`${graphs.length > 1 ? html`<div class="row graph-tabs">${graphs.map((g, i) => html`<button key=${g.flow} class="quiet" aria-pressed=${i === index} onClick=${() => setChosen(i)}>${g.flow}</button>`)}</div>` : ''}
    <${Drawing} key=${id + index} graph=${graph} id=${id} session=${session} history=${history} />`;
}

function Drawing({ graph, session, history }) {
  const [zoom, setZoom] = useState(0);
  const [room, setRoom] = useState(0);
  const box = useRef(null);
  const l = useMemo(() => layout(graph), [graph]);
  const ways = useMemo(() => walked(history), [history]);
  const legs = here(session, graph.flow);
  const lit = legs.map((leg) => leg.state).join(' ');
  useEffect(() => {
    const watch = new ResizeObserver(([e]) => setRoom(e.contentRect.width));
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  const fit = room ? Math.min(1, room / l.width) : 1;
  const scale = zoom || Math.max(fit, 0.62);
  useEffect(() => {
    const b = legs.length && l.boxes.find((o) => o.id === legs[0].state);
    if (!b || !box.current) return;
    const { clientWidth, clientHeight } = box.current;
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    box.current.scrollTo({ left: b.x * scale - clientWidth / 2, top: b.y * scale - clientHeight / 2, behavior: calm ? 'auto' : 'smooth' });
  }, [lit, scale, room]);
  const step = (f) => setZoom(Math.min(2, Math.max(0.2, scale * f)));
  return html`<div class="drawing"><div class="row zoom"><button class="quiet" onClick=${() => step(1 / 1.25)} aria-label="Smaller">−</button><button class="quiet" onClick=${() => setZoom(fit)}>Fit</button><button class="quiet" onClick=${() => step(1.25)} aria-label="Larger">+</button></div>
    <div class="stage" ref=${box} tabindex="0" role="group" aria-label=${'Drawing of ' + graph.flow}>
      <svg width=${l.width * scale} height=${l.height * scale} viewBox=${`0 0 ${l.width} ${l.height}`} role="img" aria-label=${summary(graph, legs)}>
        <defs>${['', 'walked'].map((k) => html`<marker id=${'tip' + k} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class=${'tip ' + k} d="M0,0.500 L8,4 L0,7.500 z" /></marker>`)}</defs>
        ${l.edges.map((e, i) => html`<${Edge} key=${i} e=${e} walked=${ways.has(`${e.from} ${e.to}`)} />`)}
        ${l.boxes.map((b) => html`<${Box} key=${b.id} b=${b} legs=${legs.filter((leg) => leg.state === b.id)} />`)}
        ${legs.map((leg) => html`<${Token} key=${leg.number} leg=${leg} boxes=${l.boxes} legs=${legs} />`)}
      </svg></div></div>`;
}

const summary = (graph, legs) => `${graph.flow}: ${graph.nodes.filter((n) => n.kind === 'state').length} states. ` + legs.map((l) => `${l.name} is in ${l.state}`).join('. ');

function Edge({ e, walked }) {
  return html`<g class=${`edge${e.other ? ' other' : ''}${walked ? ' walked' : ''}`}><path d=${e.path} marker-end=${`url(#tip${walked ? 'walked' : ''})`} />
    ${e.text ? html`<text x=${e.x} y=${e.y + 4} text-anchor="middle">${e.text}<title>${e.label}</title></text>` : ''}</g>`;
}

function Box({ b, legs }) {
  const x = b.x - b.width / 2;
  const y = b.y - b.height / 2;
  return html`<g class=${`node ${b.kind}${legs.length ? ' lit ' + legColor(legs[0].number) : ''}`} data-state=${b.id}>
    <rect x=${x} y=${y} width=${b.width} height=${b.height} rx=${b.kind === 'entry' ? b.height / 2 : 8} />
    <text class="name" x=${b.x} y=${y + pad + 9} text-anchor="middle">${b.title}</text>
    ${b.rows.map((r, i) => html`<text key=${i} class=${r.kind} x=${b.x} y=${y + pad + 9 + line * (i + 1)} text-anchor="middle">${r.text}</text>`)}</g>`;
}

// Token is a leg: a small sign on the edge of the state that it is in.
function Token({ leg, boxes, legs }) {
  const b = boxes.find((o) => o.id === leg.state);
  if (!b) return '';
  const mates = legs.filter((o) => o.state === leg.state);
  const name = cut(leg.name || 'leg ' + leg.number, 14);
  const w = width(name, small) + 16;
  const before = mates.slice(0, mates.indexOf(leg)).reduce((sum, o) => sum + width(cut(o.name || 'leg ' + o.number, 14), small) + 20, 0);
  return html`<g class=${'token ' + legColor(leg.number)} style=${{ transform: `translate(${b.x - b.width / 2 - 8 + before}px, ${b.y - b.height / 2 - 13}px)` }}>
    <rect width=${w} height="18" rx="9" /><text x=${w / 2} y="13" text-anchor="middle">${name}</text></g>`;
}
