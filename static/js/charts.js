"use strict";
// Draws the charts of a page from the figures that stand in it as data. Colours and type are the look's own; the figures
// are in tables beneath, and a sentence says what each chart shows: the drawing is for the eye alone.
(() => {
  const holder = document.getElementById("charts");
  if (!holder || !window.echarts) return;
  const figures = JSON.parse(holder.textContent);
  const root = document.documentElement;
  const drawn = [];
  const ROW = 2.1; // heights of the text for a bar that lies

  function look(name) {
    return getComputedStyle(root).getPropertyValue(`--${name}`).trim();
  }

  function colours() {
    return { accent: look("accent"), soft: look("line-strong"), bad: look("medium") };
  }

  function optionsOf(chart) {
    const ink = look("ink");
    const soft = look("ink-soft");
    const size = parseFloat(getComputedStyle(document.body).fontSize) * 0.9;
    const tones = colours();
    const text = { color: soft, fontSize: size, fontFamily: getComputedStyle(document.body).fontFamily };
    const names = {
      type: "category",
      data: chart.labels,
      inverse: chart.lying,
      axisLabel: { ...text, hideOverlap: true, ...(chart.lying ? { width: size * 9, overflow: "truncate" } : {}) },
      axisTick: { show: false },
      axisLine: { lineStyle: { color: look("line-strong") } },
    };
    const counts = {
      type: "value",
      minInterval: 1,
      axisLabel: text,
      splitLine: { lineStyle: { color: look("line") } },
    };
    return {
      aria: { enabled: true, label: { enabled: false }, decal: { show: chart.series.length > 1 } },
      animation: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
      animationDuration: 250,
      textStyle: text,
      grid: { left: 4, right: 12, top: chart.series.length > 1 ? size * 2.6 : 12, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      legend: chart.series.length > 1 ? { textStyle: { ...text, color: ink }, top: 0, left: 0, itemWidth: size, itemHeight: size } : undefined,
      tooltip: {
        trigger: "axis",
        axisPointer: { type: "shadow" },
        renderMode: "richText", // the page's policy lets nobody write styles into it
        backgroundColor: look("surface"),
        borderColor: look("line-strong"),
        textStyle: { ...text, color: ink },
      },
      xAxis: chart.lying ? counts : names,
      yAxis: chart.lying ? names : counts,
      series: chart.series.map((one) => ({
        type: "bar",
        name: one.name,
        data: one.data,
        stack: chart.stacked ? "all" : undefined,
        itemStyle: { color: tones[one.tone], borderRadius: chart.stacked ? 0 : 2 },
        barMaxWidth: 28,
        barGap: "10%",
      })),
    };
  }

  function draw() {
    for (const { element, chart, figure } of drawn) {
      if (figure.lying) element.style.height = `${Math.max(8, figure.labels.length * ROW + 4)}rem`;
      chart.resize();
      chart.setOption(optionsOf(figure), true);
      const canvas = element.querySelector("canvas");
      if (canvas) canvas.setAttribute("aria-hidden", "true"); // the sentence names the drawing
    }
  }

  for (const element of document.querySelectorAll("[data-chart]")) {
    const figure = figures[element.dataset.chart];
    if (!figure) continue;
    element.hidden = false;
    const label = element.getAttribute("aria-labelledby");
    const locale = root.lang.startsWith("zh") ? "ZH" : "EN";
    drawn.push({ element, figure, chart: window.echarts.init(element, null, { renderer: "canvas", locale }) });
    element.setAttribute("aria-labelledby", label);
  }
  draw();

  // The drawing follows the window, the size of the text, and day and night.
  let waiting = 0;
  function soon() {
    window.cancelAnimationFrame(waiting);
    waiting = window.requestAnimationFrame(draw);
  }
  new ResizeObserver(soon).observe(document.querySelector(".panels") ?? document.body);
  new MutationObserver(soon).observe(root, { attributes: true, attributeFilter: ["data-bs-theme", "data-text"] });
})();
