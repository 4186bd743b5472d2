// The strip above the charts: phases as bands, what lasts as bars, what happens as marks with labels, on the charts' axis.
"use strict";

const Strip = (() => {
  const NS = "http://www.w3.org/2000/svg";
  const ROW = 21;
  // Which lane a mark goes to, its colour, and whether its label matters.
  const LANES = [
    { name: "Faults", kinds: { fault: "--bad", healed: "--good", schema: "--warn" }, rows: 4 },
    { name: "Decisions", kinds: { decision: "--info", phase: "--info", incident: "--bad", note: "--soft" }, rows: 6 },
    { name: "Repairs, cycles", kinds: { repair: "--s3", cycle: "--faint" }, rows: 1, quiet: true },
  ];
  const measure = document.createElement("canvas").getContext("2d");

  function element(name, attributes, parent, text) {
    const node = document.createElementNS(NS, name);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    if (text !== undefined) node.textContent = text;
    if (parent) parent.appendChild(node);
    return node;
  }

  function width(text) {
    measure.font = "12px system-ui, sans-serif";
    return measure.measureText(text).width;
  }

  function shortened(text, room) {
    if (width(text) <= room) return text;
    let n = text.length;
    while (n > 0 && width(text.slice(0, n) + "\u2026") > room) n--;
    return n > 2 ? text.slice(0, n) + "\u2026" : "";
  }

  // Draws one lane of marks from `top`; returns its height. Labels that find no room are left to the tooltip.
  function drawLane(svg, lane, marks, view, top, formatTime) {
    const shown = marks.filter(m => lane.kinds[m.kind] && (m.until ?? m.at) >= view.from && m.at <= view.to)
      .sort((a, b) => a.at - b.at);
    if (!marks.some(m => lane.kinds[m.kind])) return 0;
    element("text", { x: 0, y: top + 14, class: "lane" }, svg, view.left > 70 ? lane.name : "");
    const ends = [];
    for (const mark of shown) {
      const colour = `var(${lane.kinds[mark.kind]})`;
      const x = view.x(mark.at), end = mark.until ? view.x(mark.until) : x;
      const from = Math.max(x, view.left), to = Math.min(Math.max(end, x), view.right);
      const span = view.to - view.from;
      const group = element("g", { "data-go": 1 }, svg);
      element("title", {}, group, `${mark.text}\n${formatTime(mark.at)}${mark.until ? " \u2192 " + formatTime(mark.until) : ""}`);
      group.addEventListener("click", () => {
        const pad = Math.max(((mark.until ?? mark.at) - mark.at) * 0.75, Math.min(span, view.duration) * 0.04);
        view.go(mark.at - pad, (mark.until ?? mark.at) + pad);
      });
      if (lane.quiet) {
        element("rect", { x: from - 1, y: top + 4, width: Math.max(to - from, 2), height: 12, fill: colour }, group);
        continue;
      }
      let label = shortened(mark.text, Math.min(230, Math.max(view.right - view.left - 24, 60)));
      // Behind the mark if it fits there, else before it; shortened where there is more room.
      const behind = view.right - Math.max(to, from) - 9, before = from - 9 - (view.left > 70 ? view.left : 0);
      const anchor = width(label) <= behind || behind >= before ? "start" : "end";
      const textX = anchor === "start" ? Math.max(to, from) + 9 : from - 9;
      label = shortened(label, anchor === "start" ? behind : before);
      const a = anchor === "start" ? from - 6 : textX - width(label), b = anchor === "start" ? textX + width(label) : to + 6;
      let row = ends.findIndex(e => e + 8 < a);
      if (row < 0) row = ends.length;
      if (row >= lane.rows) { row = lane.rows - 1; label = ""; }
      ends[row] = Math.max(ends[row] ?? -1e9, label ? b : to + 6);
      const y = top + row * ROW;
      if (to - from > 3) element("rect", { x: from, y: y + 5, width: to - from, height: 10, rx: 3, fill: colour, opacity: .75 }, group);
      else element("path", { d: `M${from} ${y + 4}l6 6l-6 6l-6 -6z`, fill: colour }, group);
      if (label) element("text", { x: textX, y: y + 14.5, "text-anchor": anchor, fill: "var(--ink)" }, group, label);
    }
    return Math.max(1, Math.min(ends.length, lane.rows)) * ROW + 3;
  }

  function drawPhases(svg, phases, view, formatTime) {
    if (!phases.length) return 0;
    element("text", { x: 0, y: 17, class: "lane" }, svg, view.left > 70 ? "Phases" : "");
    phases.forEach((phase, i) => {
      const from = Math.max(view.x(phase.from), view.left), to = Math.min(view.x(phase.to), view.right);
      if (to <= from) return;
      const back = phase.left === "rolled back";
      const colour = back ? "--bad" : i % 2 ? "--good" : "--info";
      const group = element("g", { "data-go": 1, tabindex: 0, role: "button", "aria-label": `Phase ${phase.name}, ${phase.left}: show it` }, svg);
      element("title", {}, group, `${phase.name}: ${phase.left}\n${formatTime(phase.from)} \u2192 ${formatTime(phase.to)}`);
      element("rect", { x: from, y: 2, width: Math.max(to - from - 1, 1), height: 22, rx: 4, fill: `var(${colour}-wash)`, stroke: `var(${colour})`, "stroke-opacity": .35 }, group);
      element("text", { x: from + 8, y: 17, fill: `var(${colour})`, "font-weight": 600 }, group, shortened(phase.name, to - from - 14));
      group.addEventListener("click", () => view.go(phase.from, phase.to));
    });
    return 30;
  }

  // view: {from, to, left, right, duration, x(ms), go(from, to)}
  function draw(host, data, view, formatTime) {
    const svg = element("svg", { role: "group", "aria-label": "Phases, faults and decisions over time" });
    let top = drawPhases(svg, data.phases, view, formatTime);
    for (const lane of LANES) top += drawLane(svg, lane, data.marks, view, top, formatTime);
    svg.setAttribute("height", top);
    host.replaceChildren(svg);
  }

  return { draw };
})();
