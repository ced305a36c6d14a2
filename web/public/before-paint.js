// Runs before the first paint, so that a chosen theme or density does not flash the other one.
try {
  var chosen = document.documentElement.dataset;
  var theme = localStorage.getItem("tertulia.theme");
  if (theme === "light" || theme === "dark") chosen.theme = theme;
  if (localStorage.getItem("tertulia.density") === "compact") chosen.density = "compact";
} catch (_) {
  // Storage is forbidden: the system's theme is used.
}
