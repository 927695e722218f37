"use strict";
// Before anything is painted: the theme and the language that were chosen, so that nothing flashes.
(() => {
  const root = document.documentElement;
  const theme = localStorage.getItem("theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  const asked = localStorage.getItem("language") || (navigator.language.startsWith("ar") ? "ar" : "en");
  root.lang = asked === "ar" ? "ar" : "en";
  root.dir = root.lang === "ar" ? "rtl" : "ltr";
})();
