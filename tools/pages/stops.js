// Where the keyboard is in a page, among all places that it should come to, in their order.
(() => {
  const kinds = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  const groups = new Set();
  const all = [...document.querySelectorAll(kinds)].filter((e) => {
    if (e.disabled || !e.getClientRects().length || e.tabIndex < 0) return false;
    if (e.type !== "radio") return true;
    const chosen = e.form.querySelector(`[name=${e.name}]:checked`);
    return chosen ? chosen === e : !groups.has(e.name) && groups.add(e.name);
  });
  const e = document.activeElement, at = e.getBoundingClientRect(), style = getComputedStyle(e);
  const x = (Math.max(at.left, 0) + Math.min(at.right, innerWidth)) / 2;
  const y = (Math.max(at.top, 0) + Math.min(at.bottom, innerHeight)) / 2;
  const there = document.elementFromPoint(x, y);
  return {
    name: `${e.tagName.toLowerCase()} ${e.id || e.getAttribute("class") || e.textContent.trim().slice(0, 20)}`.trim(),
    place: all.indexOf(e),
    count: all.length,
    box: [at.left + scrollX, at.top + scrollY, at.right + scrollX, at.bottom + scrollY],
    has_ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    is_seen: there !== null && (e.contains(there) || there.contains(e)),
    is_kept: !e.closest("[hx-trigger]") || e.id !== "",
    is_main: e.tagName === "MAIN",
    in_main: Boolean(e.closest("main")),
    has_bar: document.querySelector("header.bar") !== null,
  };
})();
