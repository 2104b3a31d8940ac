// Fills the charts and tables of the report from the figures inside the page; nothing is fetched.
const report = JSON.parse(document.getElementById("report-data").textContent);
const { words, figures, municipalities, policies } = report;
const byKey = Object.fromEntries(figures.map((f) => [f.key, f]));
const element = (id) => document.getElementById(id);
const embed = (id, spec) =>
  window.vegaEmbed(`#${id}`, fitted(id, spec), { renderer: "svg", actions: false, tooltip: { theme: "light" } });

// Pixels that a chart needs beside what it is declared with: for a legend, and for its axis or padding.
const LEGEND = 110, AXIS = 72, PADDING = 12;
const room = (id) => element(id).closest("section").clientWidth;

// As wide as declared, or as there is room for; legends stand below where there is none at the right.
function fitted(id, declared) {
  const spec = structuredClone(declared);
  const panel = spec.spec ?? spec; // of a chart of several panels, the size of one is declared
  const isMap = id in { map: 0, flow_map: 0 };
  const width = Math.min(panel.width, room(id) - (isMap ? PADDING : AXIS));
  if (room(id) < panel.width + LEGEND) spec.config.legend = { orient: "bottom", columns: 2 };
  if (isMap) panel.height *= width / panel.width;
  panel.width = width;
  return spec;
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
}

// Only differences are written here; every other number comes written from its exact value.
function signed(value, places) {
  const text = Math.abs(value).toLocaleString(report.lang === "sv" ? "sv-SE" : "en-GB", {
    minimumFractionDigits: places, maximumFractionDigits: places, useGrouping: "always",
  });
  return (Number(Math.abs(value).toFixed(places)) === 0 ? "" : value < 0 ? "−" : "+") + text;
}

function chosen() {
  const figure = byKey[element("figure").value];
  const policy = Number(element("policy").value);
  const other = element("other").value === "" ? null : Number(element("other").value);
  const now = report.values[policy][figure.key];
  const then = other === null ? null : report.values[other][figure.key];
  const values = now.map((v, k) =>
    then === null ? v : v === null || then[k] === null ? null : v - then[k]);
  const label = other === null
    ? `${figure.label}: ${policies[policy]}`
    : fill(words.difference_of, { figure: figure.label, policy: policies[policy], other: policies[other] });
  const say = (k) => {
    if (values[k] === null) return figure.hidden[k] ? words.hidden : words.no_value;
    return other === null ? report.texts[policy][figure.key][k] : signed(values[k], figure.places);
  };
  return { figure, values, label, say, difference: other !== null };
}

// The colours run from low to high, or away from a middle: zero for a difference, the share for others.
function scale(figure, values, difference) {
  const known = values.filter((v) => v !== null);
  const middle = difference ? 0 : figure.middle;
  if (middle === null || middle === undefined) {
    return { scheme: "viridis", reverse: true, type: figure.places ? "linear" : "sqrt", domainMin: 0 };
  }
  const reach = Math.max(1e-9, ...known.map((v) => Math.abs(v - middle)));
  return {
    scheme: "blueorange", type: "symlog", constant: reach / 20, domain: [-reach, reach],
    ...(middle === 0 ? {} : { type: "linear", domain: [middle - reach, middle, middle + reach] }),
  };
}

async function drawMap() {
  const { figure, values, label, say, difference } = chosen();
  const spec = structuredClone(report.specs.map);
  const colour = spec.layer[0].encoding.color.condition ?? spec.layer[0].encoding.color;
  colour.scale = scale(figure, values, difference);
  spec.datasets = {
    counties: report.counties,
    places: municipalities.map((m, k) => ({
      type: "Feature", properties: {}, geometry: report.land[m.code], value: values[k],
      text: `${m.name}: ${say(k)}`,
    })),
  };
  spec.description = label;
  element("map-caption").textContent = label;
  listExtremes(values, say);
  await embed("map", spec);
  element("map").dataset.shown = label;
}

function rowHeading(text) {
  const cell = document.createElement("th");
  cell.scope = "row";
  cell.textContent = text;
  return cell;
}

function listExtremes(values, say) {
  const order = values.map((v, k) => k).filter((k) => values[k] !== null)
    .sort((a, b) => values[b] - values[a] || municipalities[a].code.localeCompare(municipalities[b].code));
  const half = Math.min(8, Math.floor(order.length / 2) || order.length);
  const parts = [[words.highest, order.slice(0, half)], [words.lowest, order.slice(-half).reverse()]];
  element("extremes").replaceChildren(...parts.map(([title, rows]) => {
    const table = document.createElement("table");
    const caption = table.createCaption();
    caption.textContent = title;
    for (const k of rows) {
      const row = table.insertRow();
      row.append(rowHeading(municipalities[k].name));
      const cell = row.insertCell();
      cell.className = "number";
      cell.textContent = say(k);
    }
    return table;
  }));
}

async function drawFlows() {
  const { flows, receivers } = report.flows[Number(element("flow-policy").value)];
  element("flow-note").textContent = flows.length ? "" : words.no_flows;
  const spec = structuredClone(report.specs.flow_map);
  spec.datasets = {
    counties: report.counties, flows, receivers,
    land: municipalities.map((m) => ({ type: "Feature", properties: {}, geometry: report.land[m.code] })),
  };
  await embed("flow_map", spec);
}

async function drawDistributions() {
  const rows = policies.flatMap((policy, p) => municipalities.map((_, k) => ({
    policy, fulfilment: report.values[p].fulfilment[k], deviation_figure: report.values[p].deviation_figure[k],
  }))).filter((row) => row.fulfilment !== null && row.deviation_figure !== null);
  for (const id of ["fulfilment", "deviation_figure"]) {
    await embed(id, { ...report.specs[id], datasets: { rows } });
  }
}

let sorting = { key: "code", rising: true };

function fillTable() {
  const values = report.values[Number(element("table-policy").value)];
  const texts = report.texts[Number(element("table-policy").value)];
  const county = element("county").value;
  const wanted = element("filter").value.trim().toLocaleLowerCase(report.lang);
  const rows = municipalities.map((m, k) => ({ m, k })).filter(({ m }) =>
    (!county || m.county_code === county) &&
    `${m.code} ${m.name} ${m.county}`.toLocaleLowerCase(report.lang).includes(wanted));
  const { key, rising } = sorting;
  const of = ({ m, k }) => (key in byKey ? values[key][k] : m[key]);
  rows.sort((a, b) => {
    const [x, y] = [of(a), of(b)];
    if (x === null || y === null) return (x === null) - (y === null);
    const order = typeof x === "string" ? x.localeCompare(y, "sv") : x - y;
    return (rising ? order : -order) || a.k - b.k;
  });
  element("all").tBodies[0].replaceChildren(...rows.map(({ m, k }) => {
    const row = document.createElement("tr");
    row.insertCell().textContent = m.code;
    row.append(rowHeading(m.name));
    row.insertCell().textContent = m.county;
    for (const f of figures) {
      const cell = row.insertCell();
      cell.className = "number";
      cell.textContent = texts[f.key][k];
    }
    return row;
  }));
  element("rows-shown").textContent = fill(words.rows_shown, { n: rows.length, of: municipalities.length });
}

for (const button of element("all").tHead.querySelectorAll("button")) {
  button.addEventListener("click", () => {
    const key = button.dataset.key;
    sorting = { key, rising: sorting.key === key ? !sorting.rising : !(key in byKey) };
    for (const th of element("all").tHead.querySelectorAll("th")) th.removeAttribute("aria-sort");
    button.parentElement.setAttribute("aria-sort", sorting.rising ? "ascending" : "descending");
    fillTable();
  });
}
for (const id of ["table-policy", "county", "filter"]) element(id).addEventListener("input", fillTable);
fillTable();
if (report.land) {
  for (const id of ["figure", "policy", "other"]) element(id).addEventListener("input", drawMap);
  element("flow-policy").addEventListener("input", drawFlows);
}

async function drawAll() {
  if (report.land) await drawMap();
  await drawDistributions();
  if (report.specs.trade_off) await embed("trade_off", report.specs.trade_off);
  if (report.land) await drawFlows();
}

let drawn = room("all"), waiting;
addEventListener("resize", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    if (room("all") !== drawn) drawAll();
    drawn = room("all");
  }, 200);
});
await drawAll();
document.documentElement.dataset.ready = "true";
