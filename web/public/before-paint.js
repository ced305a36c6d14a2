// Runs before the first paint, so that a chosen theme or density does not flash the other one.
try {
  var chosen = document.documentElement.dataset;
  var theme = localStorage.getItem("tertulia.theme");
  var own = theme === "light" || theme === "dark";
  if (own) chosen.theme = theme;
  var more = matchMedia("(prefers-contrast: more)").matches && !own;
  if (theme === "contrast" || more) chosen.contrast = "more";
  if (localStorage.getItem("tertulia.density") === "compact") chosen.density = "compact";
} catch (_) {
  // Storage is forbidden: the system's theme is used.
}
