// The charts: one dygraph each, on one common axis of time, zoomed and read together. Everything drawn comes from #data.
"use strict";

(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const host = document.getElementById("charts");
  const strip = document.getElementById("strip");
  const unzoom = document.getElementById("unzoom");
  const box = document.getElementById("view");
  const reading = document.getElementById("reading");
  const whole = [0, Math.max(data.duration, 1)];
  const charts = [];
  let view = whole.slice();
  let syncing = false;
  let cursor = null;  // where the values are read, in milliseconds

  const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // --- how values and instants are said -----------------------------------------------------------------------------
  const UNITS = [["d", 86400], ["h", 3600], ["m", 60], ["s", 1]];
  function duration(seconds) {
    const s = Math.abs(seconds);
    if (s === 0) return "0s";
    if (s < 1e-3) return `${+(seconds * 1e6).toPrecision(3)}\u00b5s`;
    if (s < 1) return `${+(seconds * 1e3).toPrecision(3)}ms`;
    if (s < 60) return `${+seconds.toPrecision(3)}s`;
    const i = UNITS.findIndex(u => s >= u[1]);
    const first = Math.floor(s / UNITS[i][1]), rest = Math.floor(s % UNITS[i][1] / UNITS[i + 1][1]);
    return `${seconds < 0 ? "\u2212" : ""}${first}${UNITS[i][0]}${rest ? ` ${rest}${UNITS[i + 1][0]}` : ""}`;
  }
  function count(v) {
    if (Number.isInteger(v)) return v.toString().replace(/\B(?=(\d{3})+(?!\d))/g, ",");
    return Math.abs(v) >= 1000 ? count(Math.round(v)) : `${+v.toPrecision(4)}`;
  }
  function compact(v) {
    const a = Math.abs(v);
    for (const [n, s] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]]) if (a >= n) return `${+(v / n).toPrecision(3)} ${s}`;
    return `${+v.toPrecision(3)}`;
  }
  function said(v, unit, short) {
    if (v === null || v === undefined || Number.isNaN(v)) return "no data";
    if (unit === "seconds") return duration(v);
    if (unit === "ratio") return `${+(v * 100).toPrecision(short ? 2 : 4)}%`;
    return short ? compact(v) : count(v);
  }
  const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const two = n => String(n).padStart(2, "0");
  function instant(ms) {
    const d = new Date(data.start + ms);
    let text = `${DAYS[d.getUTCDay()]} ${d.getUTCDate()} ${MONTHS[d.getUTCMonth()]} ${two(d.getUTCHours())}:${two(d.getUTCMinutes())}`;
    if (data.duration < 172800e3) text += `:${two(d.getUTCSeconds())}`;
    if (data.duration < 600e3) text += `.${String(d.getUTCMilliseconds()).padStart(3, "0")}`;
    return text;
  }

  // --- the axis of time: ticks on the calendar ----------------------------------------------------------------------
  const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 9e5, 18e5, 36e5, 72e5, 108e5,
    216e5, 432e5, 864e5, 1728e5, 6048e5, 12096e5, 24192e5];
  function timeTicks(from, to, pixels) {
    const step = STEPS.find(s => (to - from) / s <= Math.max(2, pixels / 92)) ?? STEPS[STEPS.length - 1];
    const origin = step >= 6048e5 ? 345600e3 - data.start : -data.start;  // weeks begin on Monday
    const ticks = [];
    for (let at = Math.ceil((from - origin) / step) * step + origin; at <= to; at += step) {
      const d = new Date(data.start + at);
      const day = `${DAYS[d.getUTCDay()]} ${d.getUTCDate()} ${MONTHS[d.getUTCMonth()]}`;
      const clock = `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}`;
      const midnight = clock === "00:00" && d.getUTCSeconds() === 0 && d.getUTCMilliseconds() === 0;
      const label = step >= 864e5 || (midnight && step >= 6e4) ? day : step >= 6e4 ? clock
        : `${clock}:${two(d.getUTCSeconds())}${step < 1e3 ? "." + String(d.getUTCMilliseconds()).padStart(3, "0") : ""}`;
      ticks.push({ v: at, label });
    }
    return ticks;
  }

  // --- linear and zero-safe logarithmic axes --------------------------------------------------------------------------
  function floorOf(chart) {  // what counts as small on the logarithmic axis
    let least = Infinity;
    for (const s of chart.series) for (const v of s.values) if (v > 0 && v < least) least = v;
    if (least === Infinity) return 1;
    const whole = chart.unit === "rows" || chart.unit === "records" || chart.unit === "seconds" && least >= .1;
    return whole ? 1 : Math.pow(10, Math.floor(Math.log10(least)));
  }
  const toAxis = (c, v) => c.log ? Math.sign(v) * Math.log10(1 + Math.abs(v) / c.floor) : v;
  const fromAxis = (c, y) => c.log ? Math.sign(y) * (Math.pow(10, Math.abs(y)) - 1) * c.floor : y;
  function valueTicks(c, least, most, pixels) {
    const ticks = [];
    if (!c.log) {
      const raw = (most - least) / 4 || 1;
      let step;
      if (c.unit === "seconds" && raw >= 1) {
        step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800]
          .find(s => s >= raw) ?? Math.ceil(raw / 604800) * 604800;
      } else {
        const power = Math.pow(10, Math.floor(Math.log10(raw)));
        step = [1, 2, 5, 10].find(f => f * power >= raw) * power;
        if (c.unit === "rows" || c.unit === "records") step = Math.max(step, 1);
      }
      for (let v = Math.ceil(least / step) * step; v <= most + step / 1e6; v += step) ticks.push({ v, label: said(+v.toPrecision(12), c.unit, true) });
      return ticks;
    }
    const top = fromAxis(c, most);
    const nice = c.unit === "seconds" ? [0, .001, .01, .1, 1, 10, 60, 600, 3600, 21600, 86400, 604800, 2592000]
      : [0, ...Array.from({ length: 24 }, (_, i) => Math.pow(10, i - 9))];
    const pixelsApart = (a, b) => Math.abs(toAxis(c, a) - toAxis(c, b)) / (most - least) * pixels;
    for (const v of nice.filter(n => n === 0 || (n >= c.floor && n <= top * 1.0001))) {
      const last = ticks[ticks.length - 1];
      if (!last || pixelsApart(v, last.value) >= 17) ticks.push({ value: v, v: toAxis(c, v), label: said(v, c.unit, true) });
    }
    return ticks;
  }

  // --- a chart's rows: the union of all instants ----------------------------------------------------------------------
  const stepped = s => s.kind === "divergent" || s.kind === "claimed" || s.kind === "harm";
  // What is drawn of a series in the view: all of it where there is room, means with a band from the least to the
  // greatest; else the greatest value of each stretch as a line with such a band, so that a dense series is no thicket
  // and hides no peak.
  function drawn(s, pixels) {
    s.band = [];
    const low = s.least ?? s.values, high = s.greatest ?? s.values;
    const bands = (from, to) => {  // of means: each from the least to the greatest of what it is the mean of
      for (let i = from; i < to; i++) if (low[i] !== null && low[i] < high[i])
        s.band.push([s.times[i], s.times[Math.min(i + 1, s.times.length - 1)], low[i], high[i]]);
    };
    if (stepped(s)) {
      bands(0, s.times.length);
      return s;
    }
    const first = Math.max(indexAt(s, view[0]) - 1, 0), last = Math.min(indexAt(s, view[1]) + 1, s.times.length);
    const stretches = Math.max(Math.floor(pixels / 6), 40);
    if (last - first <= stretches * 1.5) {
      bands(first, last);
      return { times: s.times.slice(first, last), values: s.values.slice(first, last) };
    }
    const times = [], values = [];
    for (let k = 0; k < stretches; k++) {
      const from = first + Math.floor((last - first) * k / stretches), to = first + Math.floor((last - first) * (k + 1) / stretches);
      let least = -1, most = -1;
      for (let i = from; i < to; i++) if (s.values[i] !== null) {
        if (least < 0 || low[i] < low[least]) least = i;
        if (most < 0 || high[i] > high[most]) most = i;
      }
      times.push(s.times[most < 0 ? from : most]);
      values.push(most < 0 ? null : high[most]);
      if (most >= 0 && low[least] < high[most])
        s.band.push([s.times[from], s.times[Math.min(to, s.times.length - 1)], low[least], high[most]]);
    }
    return { times, values };
  }
  function rowsOf(c) {
    const shown = c.series.map(s => drawn(s, host.clientWidth));
    const next = c.series.map(() => 0), last = c.series.map(() => null), rows = [];
    for (;;) {
      let now = Infinity;
      shown.forEach((s, i) => { if (next[i] < s.times.length && s.times[next[i]] < now) now = s.times[next[i]]; });
      if (now === Infinity) break;
      const row = [now];
      shown.forEach((s, i) => {
        if (next[i] < s.times.length && s.times[next[i]] === now) {
          const v = s.values[next[i]++];
          last[i] = v === null ? NaN : toAxis(c, v);
          row.push(last[i]);
        } else {
          row.push(stepped(c.series[i]) ? last[i] : null);  // null: joined up; NaN: a gap
        }
      });
      rows.push(row);
    }
    if (rows.length) rows.push([Math.max(whole[1], rows[rows.length - 1][0]), ...c.series.map((s, i) => stepped(s) ? last[i] : null)]);
    return rows.length ? rows : [[0, ...c.series.map(() => null)]];
  }
  function indexAt(s, x) {  // how many samples are not after x
    let low = 0, high = s.times.length;
    while (low < high) { const mid = (low + high) >> 1; if (s.times[mid] <= x) low = mid + 1; else high = mid; }
    return low;
  }
  function valueAt(s, x) {  // the last sample not after x
    const n = indexAt(s, x);
    return n === 0 ? undefined : s.values[n - 1];
  }

  // --- drawing --------------------------------------------------------------------------------------------------------
  function colours(c) {
    let n = 0;
    return c.series.map(s => s.kind === "divergent" && c.series.filter(o => o.kind === "divergent").indexOf(s) === 0
      ? css("--bad") : css(`--s${n++ % 8}`));
  }
  function underlay(c, canvas, area, g) {
    data.phases.forEach((phase, i) => {
      const from = Math.max(g.toDomXCoord(phase.from), area.x), to = Math.min(g.toDomXCoord(phase.to), area.x + area.w);
      if (to <= from) return;
      canvas.fillStyle = css(phase.left === "rolled back" ? "--band-bad" : i % 2 ? "--band-b" : "--band-a");
      canvas.fillRect(from, area.y, to - from, area.h);
    });
    c.series.forEach((s, i) => {
      if (c.log || c.chips && c.chips[i].getAttribute("aria-pressed") !== "true") return;
      canvas.fillStyle = c.colours[i];
      canvas.globalAlpha = .16;
      for (const [from, to, least, most] of s.band) {
        const x = g.toDomXCoord(from), top = g.toDomYCoord(toAxis(c, most));
        canvas.fillRect(x, top, Math.max(g.toDomXCoord(to) - x, 1), g.toDomYCoord(toAxis(c, least)) - top);
      }
      canvas.globalAlpha = 1;
    });
    for (const mark of data.marks) {
      const colour = { fault: "--bad", decision: "--info", incident: "--bad", schema: "--warn" }[mark.kind];
      const x = g.toDomXCoord(mark.at);
      if (!colour || x < area.x || x > area.x + area.w) continue;
      canvas.globalAlpha = .45;
      line(canvas, css(colour), [3, 3], x, area.y, x, area.y + area.h);
      canvas.globalAlpha = 1;
    }
    for (const bound of data.bounds) {
      const i = c.series.findIndex(s => s.name === bound.metric && s.kind === "metric");
      const y = i < 0 ? 0 : g.toDomYCoord(toAxis(c, bound.bound));
      if (i < 0 || bound.to <= view[0] || bound.from >= view[1] || y < area.y || y > area.y + area.h) continue;
      const from = Math.max(g.toDomXCoord(bound.from), area.x), to = Math.min(g.toDomXCoord(bound.to), area.x + area.w);
      const back = bound.what === "rollback";
      line(canvas, back ? css("--bad") : c.colours[i], back ? [2, 3] : [7, 4], from, y, to, y);
      canvas.fillStyle = css("--soft");
      canvas.font = "11px system-ui, sans-serif";
      const text = `${back ? "rollback at" : "bound"} ${said(bound.bound, c.unit)}`;
      if (to - from > canvas.measureText(text).width + 8) canvas.fillText(text, from + 4, y - 4 > area.y + 10 ? y - 4 : y + 12);
    }
  }
  function line(canvas, colour, dash, x0, y0, x1, y1) {
    canvas.save();
    canvas.strokeStyle = colour;
    canvas.setLineDash(dash);
    canvas.lineWidth = 1.2;
    canvas.beginPath(); canvas.moveTo(x0, y0); canvas.lineTo(x1, y1); canvas.stroke();
    canvas.restore();
  }
  // So that a bound in view is seen, the axis of its metric reaches up to it; null leaves the axis to the values alone.
  function reach(c) {
    let most = 0, bounded = c.series.some(s => s.greatest);  // a band reaches beyond the means
    for (const bound of data.bounds) {
      if (bound.to <= view[0] || bound.from >= view[1] || !c.series.some(s => s.name === bound.metric && s.kind === "metric")) continue;
      bounded = true;
      if (bound.what !== "rollback") most = Math.max(most, bound.bound);
    }
    if (!bounded) return null;
    for (const s of c.series) s.times.forEach((at, i) => {
      if (at < view[0] || at > view[1] || s.values[i] === null) return;
      most = s.values[i] < 0 ? Infinity : Math.max(most, (s.greatest ?? s.values)[i]);
    });
    for (const bound of data.bounds)  // a trigger that the values do not come near would flatten them
      if (bound.what === "rollback" && bound.bound > most && bound.bound <= (c.log ? 1000 : 5) * most && bound.to > view[0] &&
        bound.from < view[1] && c.series.some(s => s.name === bound.metric && s.kind === "metric")) most = bound.bound;
    return most > 0 && most < Infinity ? [0, toAxis(c, most) * 1.12] : null;
  }
  function drawStrip() {
    const area = charts.length ? charts[0].graph.getArea() : { x: 0, w: strip.clientWidth };
    const [from, to] = view;
    Strip.draw(strip, data, {
      from, to, left: area.x, right: area.x + area.w, duration: whole[1], go: show,
      x: ms => area.x + (ms - from) / (to - from) * area.w,
    }, instant);
  }
  function show(from, to) {
    const least = Math.max(whole[1] * 1e-6, 1e-3);
    from = Math.max(from, whole[0]); to = Math.min(to, whole[1]);
    if (to - from < least) to = from + least;
    view = [from, to];
    syncing = true;
    for (const c of charts) c.graph.updateOptions({ file: rowsOf(c), dateWindow: view.slice(), valueRange: reach(c) });
    syncing = false;
    unzoom.disabled = from <= whole[0] && to >= whole[1];
    box.dataset.from = from; box.dataset.to = to;
    drawStrip();
  }
  const span = () => view[1] - view[0];
  function shift(by) {
    by = Math.max(whole[0] - view[0], Math.min(by, whole[1] - view[1]));
    show(view[0] + by, view[1] + by);
  }
  function zoom(factor) {  // about the reading line, or the middle
    const about = cursor !== null && cursor >= view[0] && cursor <= view[1] ? cursor : (view[0] + view[1]) / 2;
    show(about - (about - view[0]) * factor, about + (view[1] - about) * factor);
  }
  const ACTIONS = {
    earlier: () => shift(-span() / 4), later: () => shift(span() / 4), in: () => zoom(.5), out: () => zoom(2), whole: () => show(...whole),
  };
  // Moves the reading line by hand, says its instant and values, and takes the view along.
  function readAlong(by) {
    cursor = Math.max(whole[0], Math.min((cursor ?? view[0]) + by, whole[1]));
    if (cursor < view[0]) shift(cursor - view[0]);
    if (cursor > view[1]) shift(cursor - view[1]);
    read(cursor);
    const phase = data.phases.find(p => cursor >= p.from && cursor < p.to);
    const values = charts.flatMap(c => c.series.map(s => [s.label, valueAt(s, cursor), c.unit])).filter(v => v[1] !== undefined);
    reading.textContent = `${instant(cursor)}${phase ? ", phase " + phase.name : ""}: ` +
      values.slice(0, 12).map(([label, v, unit]) => `${label} ${said(v, unit)}`).join("; ");
  }
  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const keys = {
      ArrowLeft: () => event.shiftKey ? ACTIONS.earlier() : readAlong(-span() / 100),
      ArrowRight: () => event.shiftKey ? ACTIONS.later() : readAlong(span() / 100),
      "+": ACTIONS.in, "=": ACTIONS.in, "-": ACTIONS.out, "\u2212": ACTIONS.out,
      Home: () => shift(-whole[1]), End: () => shift(whole[1]),
      Escape: () => { cursor = null; read(null); reading.textContent = ""; ACTIONS.whole(); },
    };
    if ((event.key === "Enter" || event.key === " ") && event.target.dataset.go) keys[event.key] = () => event.target.dispatchEvent(new Event("click"));
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  }
  function read(x) {  // the value of every line at x, in every legend
    for (const c of charts) {
      c.when.textContent = x === null ? "" : instant(x);
      c.series.forEach((s, i) => {
        const v = x === null ? undefined : valueAt(s, x);
        c.chips[i].lastChild.textContent = v === undefined ? "" : said(v, c.unit);
      });
      const area = c.graph.getArea(), canvas = c.graph.canvas_ctx_;
      canvas.clearRect(0, 0, c.graph.width_, c.graph.height_);
      if (x === null || x < view[0] || x > view[1]) continue;
      const at = c.graph.toDomXCoord(x);
      line(canvas, css("--soft"), [], at, area.y, at, area.y + area.h);
    }
  }
  function node(name, className, text, parent) {
    const n = document.createElement(name);
    if (className) n.className = className;
    if (text) n.textContent = text;
    if (parent) parent.appendChild(n);
    return n;
  }
  function legend(c, box) {
    const row = node("div", "legend", "", box);
    c.chips = c.series.map((s, i) => {
      const chip = node("button", "", "", row);
      chip.setAttribute("aria-pressed", "true");
      chip.style.setProperty("--c", c.colours[i]);
      node("i", "", "", chip); node("span", "", s.label, chip); node("b", "", "", chip);
      chip.addEventListener("click", () => {
        const on = chip.getAttribute("aria-pressed") !== "true";
        chip.setAttribute("aria-pressed", on);
        c.graph.setVisibility(i, on);
      });
      return chip;
    });
  }
  function wide(values) {  // worth a logarithmic axis: the greatest far above the middle of what is not zero
    const positive = values.filter(v => v > 0).sort((a, b) => a - b);
    return positive.length > 8 && positive[positive.length - 1] > 100 * positive[positive.length >> 1];
  }
  function make(chart) {
    const c = { ...chart, floor: floorOf(chart), log: false };
    if (!c.series.length) {
      const box = node("div", "chart none", "", host);
      node("h3", "", c.title, box);
      node("p", "", `0 throughout: ${c.quiet.join(", ")}.`, box);
      return null;
    }
    c.log = wide(c.series.flatMap(s => s.values)) || c.series.some(s => stepped(s) && Math.max(...s.values) > 1000);
    c.colours = colours(c);
    c.series.forEach(s => { s.band = []; });
    const box = node("div", "chart", "", host);
    const bar = node("div", "bar", "", box);
    node("h3", "", c.title, bar);
    c.when = node("small", "", "", bar);
    c.when.style.marginLeft = "auto";
    const toggle = node("button", "", c.log ? "log scale" : "linear", bar);
    toggle.title = "Linear or logarithmic axis";
    legend(c, box);
    if (c.quiet.length) node("p", "quiet", `0 throughout: ${c.quiet.join(", ")}.`, box);
    const labels = ["t", ...c.series.map((s, i) => `${i}`)];
    const touch = matchMedia("(pointer: coarse)").matches;
    const model = { ...Dygraph.defaultInteractionModel, dblclick: () => show(...whole) };
    if (touch) delete model.touchstart, delete model.touchmove, delete model.touchend;
    c.graph = new Dygraph(node("div", "plot", "", box), rowsOf(c), {
      labels, colors: c.colours, dateWindow: view.slice(), valueRange: reach(c), labelsDiv: document.createElement("div"), interactionModel: model,
      connectSeparatedPoints: true, strokeWidth: 1.6, highlightCircleSize: 0, axisLineColor: css("--line"), gridLineColor: css("--line"),
      includeZero: true, rightGap: 8, xRangePad: 0, yRangePad: 6, animatedZooms: false, zoomWindow: true,
      series: Object.fromEntries(c.series.map((s, i) => [`${i}`, { stepPlot: stepped(s), fillGraph: s.kind === "divergent" || s.kind === "harm", fillAlpha: .16 }])),
      axes: {
        x: { ticker: (a, b, pixels) => timeTicks(a, b, pixels), axisLabelWidth: 76, drawGrid: false },
        y: { ticker: (a, b, pixels) => valueTicks(c, a, b, pixels), axisLabelWidth: innerWidth < 720 ? 50 : 86 },
      },
      underlayCallback: (canvas, area, g) => { c.graph = g; underlay(c, canvas, area, g); },
      highlightCallback: (event, x) => { cursor = x; read(x); },
      unhighlightCallback: () => { cursor = null; read(null); },
      zoomCallback: (from, to) => { if (!syncing) show(from, to); },
    });
    toggle.addEventListener("click", () => {
      c.log = !c.log;
      toggle.textContent = c.log ? "log scale" : "linear";
      c.graph.updateOptions({ file: rowsOf(c), dateWindow: view.slice(), valueRange: reach(c) });
    });
    return c;
  }
  function recolour() {
    for (const c of charts) {
      c.colours = colours(c);
      c.chips.forEach((chip, i) => chip.style.setProperty("--c", c.colours[i]));
      c.graph.updateOptions({ colors: c.colours, axisLineColor: css("--line"), gridLineColor: css("--line") });
    }
  }

  // --- the page around the charts ----------------------------------------------------------------------------------------
  function openTarget() {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const folded = target && target.closest("details");
    if (!folded) return;
    folded.open = true;
    target.scrollIntoView();
    target.focus({ preventScroll: true });
  }
  function followSections() {
    const links = new Map([...document.querySelectorAll("nav a")].map(a => [a.getAttribute("href").slice(1), a]));
    const watcher = new IntersectionObserver(entries => {
      for (const e of entries) if (e.isIntersecting) {
        links.forEach(a => a.classList.remove("here"));
        links.get(e.target.id)?.classList.add("here");
      }
    }, { rootMargin: "-20% 0px -70% 0px" });
    document.querySelectorAll("section[id]").forEach(s => { if (links.has(s.id)) watcher.observe(s); });
  }

  if (host) {
    for (const chart of data.charts) {
      const c = make(chart);
      if (c) charts.push(c);
    }
    drawStrip();
    box.addEventListener("keydown", onKey);
    document.querySelectorAll("[data-do]").forEach(b => b.addEventListener("click", ACTIONS[b.dataset.do]));
    addEventListener("resize", () => requestAnimationFrame(drawStrip));
  }
  // --- light and dark: as the system says, until somebody says otherwise ------------------------------------------------
  const theme = document.getElementById("theme");
  const THEMES = ["auto", "light", "dark"];
  function setTheme(name) {
    if (name === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = name;
    theme.textContent = { auto: "Auto", light: "Light", dark: "Dark" }[name];
    theme.setAttribute("aria-label", `Colours: ${name}. Change`);
    recolour();
  }
  function kept() { try { return localStorage.getItem("rehearse-theme"); } catch { return null; } }
  let colours_ = THEMES.includes(kept()) ? kept() : "auto";
  theme.hidden = false;
  setTheme(colours_);
  theme.addEventListener("click", () => {
    colours_ = THEMES[(THEMES.indexOf(colours_) + 1) % THEMES.length];
    try { localStorage.setItem("rehearse-theme", colours_); } catch { /* a page that may keep nothing */ }
    setTheme(colours_);
  });

  addEventListener("hashchange", openTarget);
  document.addEventListener("click", event => {  // a second click on the link that was followed last
    const link = event.target.closest && event.target.closest("a[href^='#']");
    if (link && link.hash === location.hash) openTarget();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
  let opened = [];
  addEventListener("beforeprint", () => {
    document.documentElement.classList.add("printing");
    opened = [...document.querySelectorAll("details:not([open])")];
    opened.forEach(d => { d.open = true; });
    recolour();
  });
  addEventListener("afterprint", () => {
    document.documentElement.classList.remove("printing");
    opened.forEach(d => { d.open = false; });
    recolour();
  });
  openTarget();
  followSections();
})();
