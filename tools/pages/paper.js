// What does not fit for paper in a page that is shown as on paper: an element and why, each once.
(() => {
  const said = new Set(), wide = document.documentElement.clientWidth;
  const all = (names) => [...document.querySelectorAll(names)];
  const style = (e) => getComputedStyle(e);
  const isShown = (e) => e.getClientRects().length > 0 && style(e).visibility === "visible";
  const tell = (e, why) => said.add(`${e.tagName.toLowerCase()}.${e.getAttribute("class") || ""}: ${why}`);

  for (const e of all("nav, form:not(.login), form:not(.login) *"))
    if (isShown(e)) tell(e, "is for a screen");
  for (const e of all("thead th"))
    if (!isShown(e)) tell(e, `column ${e.textContent} is missing`);
  for (const e of all("svg *"))
    if (style(e).display === "none" && isShown(e.closest("svg"))) tell(e, "is missing in a drawing");
  for (const e of all("th, td, dt, dd, p, li, h1, h2, h3, caption, figcaption, svg, footer")) {
    const at = e.getBoundingClientRect();
    const hides = e.clientWidth > 0 && e.scrollWidth > e.clientWidth + 1;
    if (isShown(e) && (at.left < -1 || at.right > wide + 1 || hides)) tell(e, "is cut off");
  }
  for (const e of [document.documentElement, document.body])
    if (!["rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"].includes(style(e).backgroundColor))
      tell(e, `is ${style(e).backgroundColor}`);
  return [...said];
})();
