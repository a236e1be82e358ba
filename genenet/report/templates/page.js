// The page's own script: draws the figures, and ties network, table and pairs together.
"use strict";
(() => {
  const get = (id) => document.getElementById(id);
  const data = JSON.parse(get("data").textContent);
  const figures = JSON.parse(get("figures").textContent);
  const edges = data.network ? unpackEdges(data.network) : null;
  const pairs = data.pairs || null;
  const PAGE = 25;

  // ---------------------------------------------------------------- numbers packed as base64
  function numbers(text, kind) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const arrays = { u2: Uint16Array, u4: Uint32Array, i2: Int16Array, f4: Float32Array };
    return new arrays[kind](bytes.buffer);
  }

  function unpackEdges(packed) {
    const columns = {};
    for (const [name, column] of Object.entries(packed.columns)) columns[name] = numbers(column.data, column.kind);
    const place = new Map(packed.genes.map((gene, at) => [gene, at]));
    const byName = new Map();
    packed.names.forEach((name, at) => { if (!byName.has(name)) byName.set(name, at); });
    packed.ids.forEach((name, at) => { if (!byName.has(name)) byName.set(name, at); });
    return { ...packed, ...columns, place, byName };
  }

  const text = {
    digits: (value) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)),
    fixed: (digits) => (value) => value.toFixed(digits),
    // Of a number given by its decimal logarithm: far smaller ones than a double holds are written as well.
    power: (log) => {
      if (log > -3) return Number((10 ** log).toPrecision(2)).toString();
      let exponent = Math.floor(log), mantissa = (10 ** (log - exponent)).toFixed(1);
      if (mantissa === "10.0") { mantissa = "1.0"; exponent += 1; }
      return `${mantissa}e${exponent}`;
    },
    count: (value) => value.toLocaleString("en"),
  };

  // ---------------------------------------------------------------- theme
  const theme = get("theme");
  theme.addEventListener("change", () => {
    if (theme.value === "auto") document.documentElement.removeAttribute("data-theme");
    else document.documentElement.dataset.theme = theme.value;
    paint();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  function paint() {
    if (typeof Bokeh === "undefined") return;
    const [ink, paper, line, accent, second] = ["ink", "paper", "line", "accent", "second"].map(colour);
    for (const view of Object.values(plots)) {
      const plot = view.model;
      for (const axis of [...plot.below, ...plot.left]) {
        if (axis.axis_line_color === undefined) continue;
        axis.axis_line_color = axis.major_tick_line_color = axis.axis_label_text_color = axis.major_label_text_color = ink;
      }
      for (const bar of plot.right) if (bar.color_mapper) bar.major_label_text_color = ink;
    }
    if (plots.network) {
      const [points, words] = ["network_points", "network_text"].map((name) => plots.network.model.select_one(name));
      for (const glyph of [points.glyph, points.nonselection_glyph, points.selection_glyph]) glyph.line_color = paper;
      points.selection_glyph.line_color = ink;
      words.glyph.text_color = ink;
      words.glyph.background_fill_color = paper;
      const signs = { 1: colour("positive"), "-1": colour("negative"), 0: colour("soft") };
      lines.data = { ...lines.data, colour: Array.from(lines.data.sign, (sign) => signs[sign]) };
    }
    for (const name of ["values", "ranks"]) {
      if (!plots[name]) continue;
      const [lines, points] = plots[name].model.renderers;
      lines.glyph.line_color = line;
      points.glyph.fill_color = accent;
    }
    if (plots.null) {
      const [area, curve] = plots.null.model.renderers;
      area.glyph.fill_color = line;
      curve.glyph.line_color = ink;
      plots.null.model.select_one("pair_mi").line_color = second;
    }
  }

  // ---------------------------------------------------------------- figures
  const plots = {};
  if (typeof Bokeh !== "undefined") Bokeh.set_log_level("warn");
  const drawn = typeof Bokeh === "undefined" ? Promise.resolve() : Promise.all(figures.map(async (item) => {
    const manager = await Bokeh.embed.embed_item(item);
    const view = (manager.get_by_id ? manager.get_by_id(item.root_id) : null) || Object.values(Bokeh.index).at(-1)
      || [...manager][0];
    plots[item.target_id.replace("network-figure", "network").replace("pair-", "")] = view;
  }));
  const sourceOf = (plot, name) => plots[plot].model.document.get_model_by_name(name);

  // ---------------------------------------------------------------- the network
  let chosen = -1; // place of the chosen gene among the genes of the table
  let nodes = null, lines = null, labels = null;

  function startNetwork() {
    if (!plots.network) return;
    [nodes, lines, labels] = ["nodes", "edges", "labels"].map((name) => sourceOf("network", `network_${name}`));
    fit();
    const { x_range: x, y_range: y } = plots.network.model;
    let waiting = 0;
    const later = () => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(writeLabels); };
    for (const range of [x, y]) for (const end of ["start", "end"]) range.properties[end].change.connect(later);
    nodes.selected.properties.indices.change.connect(() => {
      const [picked] = nodes.selected.indices;
      if (silent) return;
      choose(picked === undefined ? -1 : edges.place.get(nodes.data.gene[picked]));
    });
    new ResizeObserver(() => { fit(); }).observe(get("network-figure"));
    get("save-png").addEventListener("click", () => save("png"));
    get("save-svg").addEventListener("click", () => save("svg"));
  }

  function size() {
    const box = plots.network.frame ? plots.network.frame.bbox : { width: 800, height: 560 };
    return [Math.max(box.width, 50), Math.max(box.height, 50)];
  }

  // Both axes to one scale, with room for the labels at the border.
  function fit() {
    const { x, y } = nodes.data;
    const [width, height] = size();
    const bounds = (values) => values.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
    const [left, right] = bounds(Array.from(x)), [bottom, top] = bounds(Array.from(y));
    const scale = Math.max((right - left) / (width - 70), (top - bottom) / (height - 50), 0.008);
    const { x_range, y_range } = plots.network.model;
    const [cx, cy] = [(left + right) / 2, (bottom + top) / 2];
    const set = (range, start, end) => range.setv({ start, end, reset_start: start, reset_end: end });
    set(x_range, cx - scale * width / 2, cx + scale * width / 2);
    set(y_range, cy - scale * height / 2, cy + scale * height / 2);
    writeLabels();
  }

  // As many labels as do not touch: the largest hubs first, or those of the chosen gene and its partners only.
  function writeLabels() {
    const { x, y, name, degree, size: sizes } = nodes.data;
    const { x_range, y_range } = plots.network.model;
    const [width, height] = size();
    const perX = width / (x_range.end - x_range.start), perY = height / (y_range.end - y_range.start);
    const first = new Set(nodes.selected.indices);
    const [main] = nodes.selected.indices;
    const order = Array.from(name, (_, at) => at)
      .filter((at) => !first.size || first.has(at))
      .sort((a, b) => ((b === main) - (a === main)) || (degree[b] - degree[a]) || (a - b));
    const boxes = [], out = { x: [], y: [], text: [], lift: [] };
    for (const at of order) {
      const px = (x[at] - x_range.start) * perX, py = height - (y[at] - y_range.start) * perY;
      if (px < 0 || px > width || py < 0 || py > height) continue;
      const label = name[at].length > 24 ? `${name[at].slice(0, 23)}…` : name[at];
      const half = 3.3 * label.length + 3, lift = sizes[at] / 2 + 1;
      const box = [px - half, px + half, py - lift - 14, py - lift];
      if (px - half < 0 || px + half > width) continue;
      if (boxes.some((other) => box[0] < other[1] && box[1] > other[0] && box[2] < other[3] && box[3] > other[2])) continue;
      boxes.push(box);
      out.x.push(x[at]); out.y.push(y[at]); out.text.push(label); out.lift.push(-lift);
    }
    labels.data = out;
  }

  async function save(kind) {
    const canvas = plots.network.export(kind, true);
    const blob = await canvas.to_blob();
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `network.${kind}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  let silent = false;
  function showChosen() {
    if (!nodes) return;
    const gene = chosen < 0 ? -1 : edges.genes[chosen];
    const at = Array.from(nodes.data.gene).indexOf(gene);
    const picked = [], touching = [];
    if (at >= 0) {
      const around = new Set([at]);
      lines.data.source.forEach((source, edge) => {
        const target = lines.data.target[edge];
        if (source === at || target === at) { around.add(source); around.add(target); touching.push(edge); }
      });
      picked.push(at, ...[...around].filter((other) => other !== at));
    }
    silent = true;
    nodes.selected.indices = picked;
    lines.selected.indices = touching;
    silent = false;
    writeLabels();
    return at;
  }

  // ---------------------------------------------------------------- choosing a gene
  function choose(gene) {
    chosen = gene === undefined ? -1 : gene;
    const at = showChosen();
    page = 0;
    list();
    const said = get("chosen");
    if (!said) return;
    if (chosen < 0) { said.textContent = ""; return; }
    const name = edges.names[chosen], id = edges.ids.length && edges.ids[chosen] !== name ? ` (${edges.ids[chosen]})` : "";
    const module = edges.modules[chosen];
    const where = at >= 0 ? "" : "; not in the picture, its edges are in the table";
    said.textContent = `${name}${id}: ${text.count(shown.length)} edges in the table${module ? `, module ${module}` : ""}${where}`;
    if (get("search").value !== name) get("search").value = name;
  }

  function findGene(typed) {
    const wanted = typed.trim();
    if (!wanted) return -1;
    if (edges.byName.has(wanted)) return edges.byName.get(wanted);
    const lower = wanted.toLowerCase();
    for (const [name, at] of edges.byName) if (name.toLowerCase() === lower) return at;
    return undefined;
  }

  function search() {
    const found = findGene(get("search").value);
    if (found === undefined) {
      choose(-1);
      get("chosen").textContent = `${get("search").value} has no edge in this page`;
    } else choose(found);
  }

  // ---------------------------------------------------------------- the table of edges
  const columns = edges ? [
    { key: "a", label: edges.directed ? "regulator" : "gene a", value: (row) => edges.names[edges.a[row]], text: true },
    { key: "b", label: edges.directed ? "target" : "gene b", value: (row) => edges.names[edges.b[row]], text: true },
    { key: "score", label: "score", value: (row) => edges.score[row], show: text.digits },
    { key: "mi", label: "MI (bits)", value: (row) => edges.mi[row], show: text.fixed(4) },
    { key: "p", label: "p", value: (row) => edges.p[row], show: text.power },
    { key: "q", label: "q", value: (row) => edges.q[row], show: text.power },
    { key: "spearman", label: "Spearman", value: (row) => edges.spearman[row] / 10000, show: text.fixed(3) },
    { key: "pearson", label: "Pearson", value: (row) => edges.pearson[row] / 10000, show: text.fixed(3) },
    ...(edges.stability ? [{ key: "stability", label: "stability", value: (row) => edges.stability[row] / 10000, show: text.fixed(3) }] : []),
    { key: "via", label: "verdict", value: verdict, text: true },
  ] : [];
  let sorted = "score", down = true, page = 0, shown = [], selectedRow = -1;

  function verdict(row) {
    if (row < edges.n_kept) return "kept";
    const via = edges.via[row - edges.n_kept];
    if (via >= edges.names.length) return "removed";
    return `removed, through ${edges.names[via]} by ${edges.margin[row - edges.n_kept].toFixed(4)}`;
  }

  function matching() {
    const wanted = get("filter").value.trim().toLowerCase(), kind = get("verdict").value;
    const hit = edges.names.map((name, at) => !wanted || name.toLowerCase().includes(wanted)
      || (edges.ids.length > 0 && edges.ids[at].toLowerCase().includes(wanted)));
    const [from, to] = { kept: [0, edges.n_kept], removed: [edges.n_kept, edges.n_rows], all: [0, edges.n_rows] }[kind];
    const rows = [];
    for (let row = from; row < to; row++) {
      const a = edges.a[row], b = edges.b[row];
      if ((chosen < 0 || a === chosen || b === chosen) && (hit[a] || hit[b])) rows.push(row);
    }
    return rows;
  }

  function list() {
    if (!edges) return;
    const column = columns.find((one) => one.key === sorted);
    const keys = new Map();
    const rows = matching();
    for (const row of rows) keys.set(row, column.value(row));
    const way = down ? -1 : 1;
    rows.sort((a, b) => {
      const x = keys.get(a), y = keys.get(b);
      return (x < y ? -way : x > y ? way : 0) || a - b;
    });
    shown = rows;
    writeTable();
  }

  function cell(row, column) {
    const value = column.value(row), made = document.createElement("td");
    made.textContent = column.text ? value : column.show(value);
    if (!column.text) made.className = "right";
    return made;
  }

  function writeTable() {
    const last = Math.max(0, Math.ceil(shown.length / PAGE) - 1);
    page = Math.min(Math.max(page, 0), last);
    const head = document.createElement("tr");
    for (const column of columns) {
      const th = document.createElement("th"), button = document.createElement("button");
      th.scope = "col";
      th.setAttribute("aria-sort", column.key !== sorted ? "none" : down ? "descending" : "ascending");
      if (!column.text) th.className = "right";
      button.type = "button";
      button.dataset.key = column.key;
      button.textContent = column.label + (column.key !== sorted ? "" : down ? " ▾" : " ▴");
      th.append(button);
      head.append(th);
    }
    const table = get("edges"), focused = document.activeElement && document.activeElement.dataset.key;
    table.tHead.replaceChildren(head);
    if (focused) table.tHead.querySelector(`[data-key="${focused}"]`).focus();
    table.tBodies[0].replaceChildren(...shown.slice(page * PAGE, (page + 1) * PAGE).map((row) => {
      const tr = document.createElement("tr");
      tr.tabIndex = 0;
      tr.dataset.row = row;
      tr.setAttribute("aria-selected", row === selectedRow);
      if (row >= edges.n_kept) tr.className = "removed";
      tr.append(...columns.map((column) => cell(row, column)));
      return tr;
    }));
    get("count").textContent = `${text.count(shown.length)} edges`;
    get("page").textContent = `page ${text.count(page + 1)} of ${text.count(last + 1)}`;
    get("first").disabled = get("previous").disabled = page === 0;
    get("next").disabled = get("last").disabled = page === last;
  }

  function startTable() {
    if (!edges || !get("edges")) return;
    const names = edges.names.slice(0, 5000).map((name) => { const o = document.createElement("option"); o.value = name; return o; });
    if (get("gene-names")) get("gene-names").append(...names);
    const turn = (to) => () => { page = to(); writeTable(); };
    get("first").addEventListener("click", turn(() => 0));
    get("previous").addEventListener("click", turn(() => page - 1));
    get("next").addEventListener("click", turn(() => page + 1));
    get("last").addEventListener("click", turn(() => Infinity));
    const again = () => { page = 0; list(); };
    get("filter").addEventListener("input", again);
    get("verdict").addEventListener("change", again);
    get("edges").tHead.addEventListener("click", (event) => {
      const key = event.target.dataset && event.target.dataset.key;
      if (!key) return;
      const column = columns.find((one) => one.key === key);
      if (sorted === key) down = !down;
      else { sorted = key; down = !column.text && key !== "p" && key !== "q"; }
      again();
    });
    const body = get("edges").tBodies[0];
    const pick = (event) => {
      const tr = event.target.closest("tr");
      if (!tr) return;
      selectedRow = Number(tr.dataset.row);
      for (const other of body.rows) other.setAttribute("aria-selected", other === tr);
      showRow(selectedRow);
      const names = [edges.a, edges.b].map((end) => edges.names[end[selectedRow]]);
      get("picked").hidden = false;
      get("picked").firstChild.textContent = `${names.join(" – ")}: ${verdict(selectedRow)}.`;
    };
    body.addEventListener("click", pick);
    body.addEventListener("keydown", (event) => { 
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      pick(event);
    });
    if (get("search")) {
      get("search").addEventListener("change", search);
      get("clear").addEventListener("click", () => { get("search").value = ""; get("filter").value = ""; choose(-1); });
    }
    list();
  }

  // ---------------------------------------------------------------- one pair
  function showRow(row) {
    showGenes(edges.genes[edges.a[row]], edges.genes[edges.b[row]], row);
  }

  function showGenes(a, b, row) {
    const number = pairs.pairs.findIndex((pair) => (pair.a === a && pair.b === b) || (pair.a === b && pair.b === a));
    if (number >= 0) { get("pair").value = number; showPair(number); return; }
    const names = [a, b].map((gene) => edges.names[edges.place.get(gene)]);
    const command = `genenet pair FOLDER ${names.map(quoted).join(" ")}`;
    get("pair-title").textContent = row === undefined
      ? `${names.join(" – ")} is not among the ${text.count(edges.n_rows)} edges of this page: not significant`
        + `${edges.has_all ? " or not tested" : ", not tested, or removed with a smaller score than these"}; ${command} tells which, and shows why`
      : `${names.join(" – ")}: its figures are not in this page; ${command} makes them`;
    const told = row === undefined ? [] : columns.slice(2).map((column) => [
      column.label, column.text ? column.value(row) : column.show(column.value(row))]);
    tell(told);
    get("pair-figures").hidden = true;
  }

  const quoted = (name) => (/^[\w.:@%+,-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`);

  function tell(told) {
    get("pair-lines").replaceChildren(...told.map(([label, value]) => {
      const group = document.createElement("div"), dt = document.createElement("dt"), dd = document.createElement("dd");
      dt.textContent = label; dd.textContent = value;
      group.append(dt, dd);
      return group;
    }));
  }

  function valuesOf(gene) {
    const { low, high, steps, ranks } = pairs.values[gene];
    const kind = pairs.n_samples > 32000 ? "u4" : "u2";
    // A sample without a value has the rank 0, and no point.
    const places = Array.from(numbers(ranks, kind), (twice) => twice / 2 || NaN);
    const values = Array.from(numbers(steps, "u2"), (step, at) => (places[at] ? low + (high - low) * step / 65535 : NaN));
    return [values, places];
  }

  function frame(plot, x, y, names) {
    const { x_range, y_range, below, left } = plots[plot].model;
    const set = (range, [low, high]) => {
      const pad = 0.05 * (high - low) || 0.5;
      range.setv({ start: low - pad, end: high + pad, reset_start: low - pad, reset_end: high + pad });
    };
    set(x_range, x);
    set(y_range, y);
    below[0].axis_label = names[0];
    left[0].axis_label = names[1];
  }

  const ends = (values) => {
    const known = values.filter(Number.isFinite);
    return [Math.min(...known), Math.max(...known)];
  };

  function showPair(number) {
    const pair = pairs.pairs[number];
    get("pair-figures").hidden = false;
    get("pair-title").textContent = `${pair.names.join(" – ")} (${pair.why})`;
    tell(pair.lines);
    if (!plots.values) return;
    const [x, rankX] = valuesOf(pair.a), [y, rankY] = valuesOf(pair.b);
    const n = pairs.n_samples, names = pair.names;
    sourceOf("values", "pair_values").data = { x, y, sample: pairs.samples };
    frame("values", ends(x), ends(y), names);
    sourceOf("ranks", "pair_ranks").data = { x: rankX, y: rankY, sample: pairs.samples };
    frame("ranks", [1, n], [1, n], names.map((name) => `rank of ${name}`));
    const grid = { x0: [], y0: [], x1: [], y1: [] };
    const add = (x0, y0, x1, y1) => { grid.x0.push(x0); grid.y0.push(y0); grid.x1.push(x1); grid.y1.push(y1); };
    for (const border of pair.borders[0]) add(border, 1, border, n);
    for (const border of pair.borders[1]) add(1, border, n, border);
    sourceOf("ranks", "pair_ranks_bins").data = grid;
    const cells = { x: [], y: [], pmi: [], n: [], ink: [] };
    pair.counts.forEach((row, i) => row.forEach((count, j) => {
      const pmi = pair.pointwise[i][j];
      cells.x.push(i + 1); cells.y.push(j + 1); cells.n.push(count.toFixed(0));
      cells.pmi.push(pmi === null ? NaN : pmi);
      cells.ink.push(pmi !== null && Math.abs(pmi) > 1.09 ? "#ffffff" : "#222222");
    }));
    sourceOf("table", "pair_table").data = cells;
    frame("table", [0.8, pair.counts.length + 0.2], [0.8, pair.counts[0].length + 0.2], names.map((name) => `bin of ${name}`));
    if (pair.density) {
      // Points are evenly spaced up to the end of the curve, and the last one is at the end of the axis.
      const { near, end, height } = pair.density, last = height.length - 2;
      const bits = height.map((_, at) => (at > last ? end : near * at / last));
      sourceOf("null", "pair_null").data = { x: bits, y: height };
      frame("null", [0, end], [0, 1], ["MI (bits)", ""]);
    } else {
      sourceOf("null", "pair_null").data = { x: [], y: [] };
      frame("null", [0, 1.1 * pair.mi], [0, 1], ["MI (bits)", ""]);
    }
    plots.null.model.y_range.setv({ start: 0, reset_start: 0 });
    plots.null.model.select_one("pair_mi").location = pair.mi;
  }

  function startPairs() {
    if (!pairs) return;
    get("pair").addEventListener("change", () => showPair(Number(get("pair").value)));
    get("show-pair").addEventListener("click", () => {
      const [a, b] = ["gene-a", "gene-b"].map((id) => findGene(get(id).value));
      if (a === undefined || b === undefined || a < 0 || b < 0) {
        const unknown = ["gene-a", "gene-b"].map((id) => get(id).value.trim())
          .filter((name, at) => ![a, b][at] || [a, b][at] < 0 ? findGene(name) === undefined || !name : false);
        get("pair-title").textContent = unknown.every((name) => !name)
          ? "Give the names of two genes."
          : `No edge of this page has the gene ${unknown.filter((name) => name).join(" or ")}; genenet pair FOLDER GENE_A `
            + "GENE_B tells about any two genes of the matrix";
        return;
      }
      let row = -1;
      for (let at = 0; at < edges.n_rows && row < 0; at++) {
        if ((edges.a[at] === a && edges.b[at] === b) || (edges.a[at] === b && edges.b[at] === a)) row = at;
      }
      showGenes(edges.genes[a], edges.genes[b], row < 0 ? undefined : row);
    });
    if (pairs.pairs.length) showPair(0);
  }

  // ---------------------------------------------------------------- start
  for (const button of document.querySelectorAll("button.gene")) {
    button.addEventListener("click", () => {
      choose(edges ? edges.place.get(Number(button.dataset.gene)) : -1);
      get("network").scrollIntoView();
    });
  }
  if (get("copy-methods")) {
    get("copy-methods").addEventListener("click", async () => {
      const references = Array.from(get("methods").querySelectorAll("li"), (li, at) => `${at + 1}. ${li.textContent.trim()}`);
      const methods = [get("methods").querySelector("p").textContent.trim(), "", ...references].join("\n");
      try {
        await navigator.clipboard.writeText(methods);
        get("copy-methods").textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(get("methods"));
        get("copy-methods").textContent = "Selected: copy it with the keyboard";
      }
    });
  }
  startTable();
  drawn.then(() => {
    startNetwork();
    startPairs();
    paint();
    document.documentElement.dataset.ready = "true";
  });
})();
