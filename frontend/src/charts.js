// Draws what a `data-chart` attribute says. The table beside it says the same in numbers, so a chart
// is decoration for those who see it, and hidden from those who do not.
import { BarChart, FunnelChart, LineChart, PieChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([
  AriaComponent, BarChart, CanvasRenderer, FunnelChart, GridComponent, LegendComponent, LineChart,
  PieChart, TooltipComponent,
]);

const PALETTE = 6;
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function number(value, told) {
  const places = told.scale ?? 0;
  const lang = document.documentElement.lang;
  if (told.money) {
    return new Intl.NumberFormat(lang, { style: "currency", currency: told.money }).format(value);
  }
  const digits = { minimumFractionDigits: places, maximumFractionDigits: places };
  return new Intl.NumberFormat(lang, digits).format(value) + (told.unit ? ` ${told.unit}` : "");
}

const short = (value) =>
  new Intl.NumberFormat(document.documentElement.lang, {
    notation: "compact", maximumFractionDigits: 1,
  }).format(value);

// 1 -> 0.01 by a scale of 2: only for drawing, nothing is computed with it.
const drawn = (values, told) => values.map((v) => (v === null ? null : v / 10 ** (told.scale ?? 0)));

// The theme mixes its colours in CSS, in forms that the drawing library cannot read.
const dot = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
function mixed(name) {
  // Only an element knows which of two colours the theme means, only a canvas what they mix to.
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.color = `var(${name})`;
  dot.clearRect(0, 0, 1, 1);
  dot.fillStyle = getComputedStyle(probe).color;
  probe.remove();
  dot.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = dot.getImageData(0, 0, 1, 1).data;
  return `rgba(${r},${g},${b},${a / 255})`;
}

function options(told) {
  const colours = Array.from({ length: PALETTE }, (_, i) => mixed(`--chart-${i + 1}`));
  const ink = mixed("--tblr-body-color");
  const line = mixed("--tblr-border-color");
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const common = {
    color: colours,
    animation: !still,
    animationDuration: 250,
    textStyle: { color: ink, fontFamily: css("--tblr-font-sans-serif") },
    tooltip: {
      renderMode: "richText", // HTML would need inline styles, which the policy forbids.
      trigger: told.kind === "pie" || told.kind === "funnel" ? "item" : "axis",
      confine: true,
      backgroundColor: mixed("--tblr-bg-surface"),
      borderColor: line,
      textStyle: { color: ink },
      valueFormatter: (value) => (value === null || value === undefined ? "–" : number(value, told)),
    },
    legend: {
      show: told.series.length > 1 || told.kind === "pie",
      type: "scroll", bottom: 0, textStyle: { color: ink }, icon: "roundRect",
    },
  };
  if (told.kind === "pie" || told.kind === "funnel") {
    const values = drawn(told.series[0].values, told);
    const data = told.labels.map((name, i) => ({ name, value: values[i] }));
    const pie = { type: "pie", radius: ["45%", "72%"], center: ["50%", "45%"] };
    const shape = told.kind === "pie" ? pie : { type: "funnel", sort: "none", bottom: 24, top: 8 };
    return { ...common, series: [{ ...shape, data, label: { color: ink } }] };
  }
  const flat = told.kind === "hbar";
  const names = {
    type: "category", data: told.labels, inverse: flat,
    axisLine: { lineStyle: { color: line } }, axisTick: { show: false },
    axisLabel: { color: ink, hideOverlap: true },
  };
  const values = {
    type: "value", axisLabel: { color: ink, formatter: short },
    splitLine: { lineStyle: { color: line } },
  };
  const type = told.kind === "line" || told.kind === "area" ? "line" : "bar";
  return {
    ...common,
    grid: { left: 8, right: 16, top: 16, bottom: told.series.length > 1 ? 36 : 8, containLabel: true },
    xAxis: flat ? values : names,
    yAxis: flat ? names : values,
    series: told.series.map((one) => ({
      type,
      name: one.name,
      data: drawn(one.values, told),
      stack: told.stacked ? "all" : undefined,
      areaStyle: told.kind === "area" ? { opacity: 0.15 } : undefined,
      showSymbol: told.labels.length < 32,
      barMaxWidth: 28,
    })),
  };
}

const drawings = new Map();

function draw(node) {
  const chart = drawings.get(node) ?? init(node, null, { renderer: "canvas" });
  drawings.set(node, chart);
  chart.setOption(options(JSON.parse(node.dataset.chart)), true);
}

const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) drawings.get(target)?.resize();
});

function begin(within) {
  for (const node of within.querySelectorAll("[data-chart]")) {
    if (drawings.has(node)) continue;
    draw(node);
    sizes.observe(node);
  }
}

begin(document);
document.addEventListener("htmx:load", (event) => {
  for (const [node, chart] of drawings) {
    if (node.isConnected) continue;
    chart.dispose();
    drawings.delete(node);
  }
  begin(event.detail.elt.parentNode ?? document);
});
new MutationObserver(() => {
  for (const node of drawings.keys()) draw(node);
}).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
