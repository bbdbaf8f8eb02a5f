// Makes the charts of the page interactive. Without scripts, or where anything fails, the pictures stay as they are.
(async () => {
  "use strict";
  const packed = document.getElementById("plotly");
  const hooks = [...document.querySelectorAll("[data-live]")];
  if (!packed || !hooks.length || !("DecompressionStream" in window)) return;
  await new Promise((done) => (window.requestIdleCallback || setTimeout)(done));

  const bytes = Uint8Array.from(atob(packed.textContent), (c) => c.charCodeAt(0));
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const script = document.createElement("script");
  script.textContent = await new Response(unpacked).text();
  document.head.append(script);
  packed.remove();
  if (!window.Plotly) return;

  // Colours are named in the figures; the page knows their values, light or dark.
  const colour = (name, within) => {
    const probe = document.createElement("i");
    probe.style.color = name;
    within.append(probe);
    const value = getComputedStyle(probe).color;
    probe.remove();
    return value;
  };
  const painted = (value, within) => {
    if (typeof value === "string") return value.startsWith("var(--ft-") ? colour(value, within) : value;
    if (Array.isArray(value)) return value.map((v) => painted(v, within));
    if (value && typeof value === "object")
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, painted(v, within)]));
    return value;
  };
  const config = { displaylogo: false, responsive: true, displayModeBar: false, doubleClick: "reset" };
  const draw = async (hook) => {
    const figure = JSON.parse(document.getElementById(hook.dataset.live).textContent);
    const still = hook.querySelector(".ft-still");
    let place = hook.querySelector(".ft-live");
    if (!place) {
      place = document.createElement("div");
      place.className = "ft-live";
      hook.append(place);
    }
    const { data, layout } = painted({ data: figure.data || [], layout: figure.layout || {} }, hook);
    const height = hook.classList.contains("is-live") ? place.offsetHeight : still.offsetHeight;
    layout.height = Math.max(height, layout.height && hook.dataset.foreign ? layout.height : 0, 140);
    layout.autosize = true;
    delete layout.width;
    place.style.height = layout.height + "px";
    hook.classList.add("is-live");
    try {
      await window.Plotly.react(place, data, layout, config);
      place.setAttribute("role", "group");
      place.setAttribute("aria-label", still.querySelector("svg")?.getAttribute("aria-label") || "interactive chart");
    } catch (error) {
      hook.classList.remove("is-live");
      place.remove();
    }
  };
  const all = async () => {
    for (const hook of hooks) {
      await draw(hook);
      await new Promise((done) => setTimeout(done));
    }
    document.documentElement.dataset.live = "done";
  };
  await all();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", all);
})();
