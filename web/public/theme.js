// SPDX-License-Identifier: Apache-2.0
// Blocking on purpose: the theme is set before the first paint, so that nothing flashes.
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem("daybook.theme");
  } catch (error) {
    chosen = null; // Storage can be refused; the system's choice is used then.
  }
  var dark = matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme =
    chosen === "light" || chosen === "dark" ? chosen : dark ? "dark" : "light";
})();
