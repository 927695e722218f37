"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const SVG = "http://www.w3.org/2000/svg";
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const DAY = 86400;

  const draw = (parent, name, attributes) => {
    const node = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    return parent.appendChild(node);
  };
  const write = (parent, name, text, className) => {
    const node = document.createElement(name);
    node.textContent = text;
    if (className) node.className = className;
    return parent.appendChild(node);
  };
  const two = n => String(n).padStart(2, "0");
  const day = d => `${d.getUTCDate()} ${MONTHS[d.getUTCMonth()]}`;
  const moment = t => {
    const d = new Date(t * 1000);
    return `${day(d)} ${d.getUTCFullYear()}, ${two(d.getUTCHours())}:${two(d.getUTCMinutes())} UTC`;
  };
  const number = (value, digits, signed) => {
    const shown = Math.abs(value).toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits, roundingMode: "halfEven" });
    if (!/[1-9]/.test(shown)) return shown;
    return (value < 0 ? "−" : signed ? "+" : "") + shown;
  };
  const cents = value => {
    const size = Math.abs(value);
    return number(value, size >= 5e-9 && size < 0.005 ? 1 - Math.floor(Math.log10(size)) : 2, true);
  };
  const firstAtOrAfter = (values, wanted) => {
    let low = 0, high = values.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (values[middle] < wanted) low = middle + 1; else high = middle;
    }
    return low;
  };
  const nearest = (values, wanted) => {
    const after = Math.min(firstAtOrAfter(values, wanted), values.length - 1);
    return after > 0 && wanted - values[after - 1] < values[after] - wanted ? after - 1 : after;
  };
  const data = figure => JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
  const share = (plot, event) => {
    const box = plot.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  };
  const place = (tip, plot, at) => {
    tip.hidden = false;
    const left = at * plot.clientWidth;
    tip.style.left = `${left + 14 + tip.offsetWidth > plot.clientWidth ? Math.max(0, left - tip.offsetWidth - 14) : left + 14}px`;
  };

  for (const figure of document.querySelectorAll('[data-chart="time"]')) {
    const plot = figure.querySelector(".plot"), tip = figure.querySelector(".tip"), spoken = figure.querySelector("[aria-live]");
    const unit = figure.dataset.unit, words = value => `${number(value, known.digits, unit === "%")}${unit === "%" ? "%" : unit && ` ${unit}`}`;
    let known, hover, here;
    const hide = () => { tip.hidden = true; if (hover) hover.remove(); hover = undefined; };
    const load = () => { known = known || data(figure); here = here ?? known.t.length - 1; };
    const show = index => {
      here = Math.min(known.t.length - 1, Math.max(0, index));
      const first = known.t[0], last = known.t[known.t.length - 1], at = (known.t[here] - first) / Math.max(1, last - first);
      if (hover) hover.remove();
      hover = draw(figure.querySelector(".outer"), "g", {});
      draw(hover, "line", { class: "cross", x1: `${100 * at}%`, x2: `${100 * at}%`, y1: 0, y2: "100%" });
      tip.replaceChildren();
      write(tip, "b", moment(known.t[here]));
      for (const series of known.series) {
        const value = series.v[here], row = write(tip, "div", "");
        const label = write(row, "span", "");
        write(label, "i", "", `key ${series.tone}`);
        label.append(series.name);
        write(row, "span", words(value));
        draw(hover, "circle", { class: "pick", r: 3.5, cx: `${100 * at}%`, cy: `${100 * (known.high - value) / (known.high - known.low)}%` });
      }
      place(tip, plot, at);
    };
    plot.addEventListener("pointermove", event => {
      load();
      const first = known.t[0], last = known.t[known.t.length - 1];
      show(nearest(known.t, first + share(plot, event) * (last - first)));
    });
    plot.addEventListener("pointerleave", hide);
    plot.addEventListener("blur", hide);
    plot.addEventListener("keydown", event => {
      const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20, Home: -1e9, End: 1e9 }[event.key];
      if (!step) return;
      event.preventDefault();
      load();
      show(here + step);
      spoken.textContent = `${moment(known.t[here])}: ${known.series.map(series => `${series.name} ${words(series.v[here])}`).join(", ")}`;
    });
  }

  const hints = new ResizeObserver(boxes => {
    for (const { target } of boxes) target.previousElementSibling.hidden = target.scrollWidth <= target.clientWidth;
  });
  for (const box of document.querySelectorAll(".scroll")) hints.observe(box);

  const roundTicks = (low, high, about) => {
    const raw = (high - low) / about, power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map(m => m * power).find(s => s >= raw * 0.999);
    const ticks = [];
    for (let k = Math.ceil(low / step); k * step <= high; k++) ticks.push(k * step);
    return [ticks, Math.max(0, -Math.floor(Math.log10(step) + 1e-9))];
  };
  const timeTicks = (low, high) => {
    const span = high - low, ticks = [];
    if (span > 70 * DAY) {
      const month = at => (d => 12 * d.getUTCFullYear() + d.getUTCMonth())(new Date(at * 1000)), first = month(low), last = month(high);
      const step = [1, 2, 3, 6].find(months => (last - first + 1) / months <= 9) || 12;
      for (let index = Math.ceil(first / step) * step; index <= last; index += step) {
        const year = Math.floor(index / 12), t = Date.UTC(year, index % 12, 1) / 1000;
        if (t < low - span / 100) continue;
        ticks.push([Math.max(t, low), MONTHS[index % 12] + (ticks.length && index % 12 ? "" : ` ${year}`)]);
      }
      return ticks;
    }
    const steps = [300, 900, 1800, 3600, 7200, 10800, 21600, 43200, DAY, 2 * DAY, 5 * DAY, 7 * DAY, 14 * DAY];
    const step = steps.find(s => span / s <= 9) || 30 * DAY;
    for (let t = Math.ceil(low / step) * step; t <= high; t += step) {
      const d = new Date(t * 1000);
      ticks.push([t, t % DAY ? `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}` : day(d)]);
    }
    return ticks;
  };

  class PriceChart {
    constructor(figure) {
      this.figure = figure;
      this.plot = figure.querySelector(".plot");
      this.outer = figure.querySelector(".outer");
      this.tip = figure.querySelector(".tip");
      this.plot.addEventListener("pointerdown", event => this.begin(event));
      this.plot.addEventListener("pointermove", event => this.move(event));
      this.plot.addEventListener("pointerup", event => this.end(event));
      this.plot.addEventListener("pointercancel", () => this.cancel());
      this.plot.addEventListener("pointerleave", () => { this.tip.hidden = true; });
      this.plot.addEventListener("dblclick", () => show(0));
    }

    load() {
      if (this.t) return;
      const raw = data(this.figure), scale = 10 ** raw.decimals;
      this.t = [raw.t0];
      for (const [step, times] of raw.dt) for (let k = 0; k < times; k++) this.t.push(this.t[this.t.length - 1] + step);
      let price = raw.p0;
      this.p = [price / scale];
      for (const step of raw.dp) this.p.push((price += step) / scale);
      this.decimals = raw.decimals;
      this.strategies = raw.strategies;
      this.trades = raw.trades;
      this.first = this.t[0];
      this.last = this.t[this.t.length - 1];
    }

    draw(low, high) {
      this.load();
      this.low = low; this.high = high;
      const from = Math.max(0, firstAtOrAfter(this.t, low) - 1), to = Math.min(this.t.length, firstAtOrAfter(this.t, high) + 1);
      let least = Infinity, most = -Infinity;
      for (let k = from; k < to; k++) { least = Math.min(least, this.p[k]); most = Math.max(most, this.p[k]); }
      const shown = this.shown = this.trades.filter(trade => trade[2] >= low && trade[1] <= high);
      const detailed = shown.length <= 150;
      if (detailed) for (const trade of shown) { least = Math.min(least, trade[3], trade[4]); most = Math.max(most, trade[3], trade[4]); }
      const room = 0.04 * (most - least) || 0.01 * most;
      this.least = least - room; this.most = most + room;
      this.drawPrice(from, to);
      this.drawAxis();
      this.drawTrades(shown, detailed);
    }

    x(t) { return 100 * (t - this.low) / (this.high - this.low); }
    y(p) { return 100 * (this.most - p) / (this.most - this.least); }
    at(t, p) { return `${(10 * this.x(t)).toFixed(1)} ${(10 * this.y(p)).toFixed(1)}`; }

    drawPrice(from, to) {
      const width = Math.max(1, Math.ceil((to - from) / 1000)), points = [];
      for (let begin = from; begin < to; begin += width) {
        let least = begin, most = begin;
        for (let k = begin; k < Math.min(to, begin + width); k++) {
          if (this.p[k] < this.p[least]) least = k;
          if (this.p[k] > this.p[most]) most = k;
        }
        for (const k of least < most ? [least, most] : least > most ? [most, least] : [least]) points.push(this.at(this.t[k], this.p[k]));
      }
      this.figure.querySelector(".line").setAttribute("d", "M" + points.join("L"));
    }

    drawAxis() {
      const axis = this.outer.querySelector(".axis"), [ticks, decimals] = roundTicks(this.least, this.most, 6);
      axis.replaceChildren();
      for (const tick of ticks) {
        const y = `${this.y(tick)}%`;
        draw(axis, "line", { class: "grid", x1: 0, x2: "100%", y1: y, y2: y });
        draw(axis, "text", { class: "tick", x: "100%", dx: 8, y, dy: ".32em" }).textContent = number(tick, decimals);
      }
      timeTicks(this.low, this.high).forEach(([t, label], index) => {
        draw(axis, "text", { class: `tick ${t - this.low < 0.04 * (this.high - this.low) ? "" : "mid"}${index % 2 ? " minor" : ""}`, x: `${this.x(t)}%`, y: "100%", dy: 20 }).textContent = label;
      });
    }

    drawTrades(shown, detailed) {
      const marks = this.outer.querySelector(".marks");
      marks.replaceChildren();
      for (const tone of ["win", "loss"]) {
        const own = shown.filter(trade => (trade[6] > 0) === (tone === "win"));
        this.figure.querySelector(`.hold.${tone}`).setAttribute("d", own.map(t => `M${this.at(t[1], t[3])}L${this.at(t[2], t[4])}`).join(""));
        this.figure.querySelector(`.dots.${tone}`).setAttribute("d", detailed ? "" : own.map(t => `M${this.at(t[1], t[3])}h0`).join(""));
        if (!detailed) continue;
        for (const trade of own) {
          if (trade[1] >= this.low) {
            const up = trade[5] > 0, entry = draw(marks, "svg", { x: `${this.x(trade[1])}%`, y: `${this.y(trade[3])}%`, overflow: "visible" });
            draw(entry, "path", { class: tone, d: up ? "M0 1L5.5 11H-5.5Z" : "M0 -1L5.5 -11H-5.5Z" });
          }
          if (trade[2] <= this.high) draw(marks, "circle", { class: `exit ${tone}`, r: 3, cx: `${this.x(trade[2])}%`, cy: `${this.y(trade[4])}%` });
        }
      }
    }

    begin(event) {
      if (event.button || event.pointerType === "touch") return;
      this.from = share(this.plot, event);
      this.plot.setPointerCapture(event.pointerId);
    }

    move(event) {
      const at = share(this.plot, event);
      if (this.from !== undefined) {
        this.band = this.band || draw(this.outer, "rect", { class: "band", y: 0, height: "100%" });
        this.band.setAttribute("x", `${100 * Math.min(at, this.from)}%`);
        this.band.setAttribute("width", `${100 * Math.abs(at - this.from)}%`);
      }
      this.explain(at, event);
    }

    end(event) {
      const from = this.from, to = share(this.plot, event);
      this.cancel();
      if (from === undefined || Math.abs(to - from) * this.plot.clientWidth < 8) return;
      const span = this.high - this.low, low = this.low + Math.min(from, to) * span;
      see(low, Math.max(low + 3600, this.low + Math.max(from, to) * span));
    }

    cancel() {
      this.from = undefined;
      if (this.band) this.band.remove();
      this.band = undefined;
    }

    explain(at, event) {
      const box = this.plot.getBoundingClientRect();
      const t = this.low + at * (this.high - this.low), index = nearest(this.t, t);
      this.tip.replaceChildren();
      const near = (time, price) => Math.hypot(this.x(time) / 100 * box.width - (event.clientX - box.left), this.y(price) / 100 * box.height - (event.clientY - box.top));
      let found, closest = 14;
      for (const trade of this.shown) {
        const distance = Math.min(near(trade[1], trade[3]), near(trade[2], trade[4]));
        if (distance < closest) { closest = distance; found = trade; }
      }
      const line = (name, value, tone) => { const row = write(this.tip, "div", ""); write(row, "span", name); write(row, "span", value, tone); };
      if (found) {
        write(this.tip, "b", `${found[0]}, ${found[5] > 0 ? "long" : "short"}`);
        line("Strategy", this.strategies[found[7]]);
        line("Entry", `${moment(found[1])} at ${number(found[3], this.decimals)}`);
        line("Exit", `${moment(found[2])} at ${number(found[4], this.decimals)}`);
        line(`Net, ${this.figure.dataset.currency}`, cents(found[6]), found[6] > 0 ? "win" : "loss");
      } else {
        write(this.tip, "b", moment(this.t[index]));
        line("Close", number(this.p[index], this.decimals));
      }
      place(this.tip, this.plot, at);
    }
  }

  const charts = [...document.querySelectorAll('[data-chart="price"]')].map(figure => new PriceChart(figure));
  if (!charts.length) return;
  const select = document.querySelector("#symbol"), output = document.querySelector("#window");
  const buttons = [...document.querySelectorAll("[data-days]")];
  let current = charts[0], low, high;

  const see = (from, to, pressed) => {
    current.load();
    const span = Math.min(to - from, current.last - current.first);
    low = Math.min(Math.max(from, current.first), current.last - span);
    high = low + span;
    current.draw(low, high);
    current.tip.hidden = true;
    for (const button of buttons) button.setAttribute("aria-pressed", String(button === pressed));
    output.textContent = `${moment(low)} to ${moment(high)}, ${number(current.shown.length, 0)} trade${current.shown.length === 1 ? "" : "s"}`;
  };
  const show = days => {
    current.load();
    const pressed = buttons.find(button => Number(button.dataset.days) === days);
    if (!days) return see(current.first, current.last, pressed);
    const middle = low === undefined ? current.last : (low + high) / 2, begin = low === current.first ? current.first : middle - days * DAY / 2;
    return see(begin, begin + days * DAY, pressed);
  };
  for (const button of buttons) button.addEventListener("click", () => show(Number(button.dataset.days)));
  for (const button of document.querySelectorAll("[data-move]")) {
    button.addEventListener("click", () => {
      const step = Number(button.dataset.move) * (high - low) * 0.75;
      see(low + step, high + step, buttons.find(other => other.getAttribute("aria-pressed") === "true"));
    });
  }
  if (select) {
    select.selectedIndex = 0;
    select.addEventListener("change", () => {
      current.figure.hidden = true;
      current = charts[select.selectedIndex];
      current.figure.hidden = false;
      see(low, high, buttons.find(other => other.getAttribute("aria-pressed") === "true"));
    });
  }
  show(0);
})();
