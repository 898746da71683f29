"use strict";
(() => {
  const form = document.getElementById("filters");
  if (form) {
    const all = Array.from(document.querySelectorAll(".finding"));
    const shown = document.getElementById("shown");
    const apply = () => {
      const wanted = form.elements;
      const words = wanted.text.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      for (const item of all) {
        const has = item.dataset;
        const fits =
          (wanted.severity.value === "" || Number(has.severity) <= Number(wanted.severity.value)) &&
          (wanted.category.value === "" || has.category === wanted.category.value) &&
          (wanted.layer.value === "" || has.layer === wanted.layer.value) &&
          (!wanted.blocking.checked || has.blocking === "1") &&
          (!wanted.fresh.checked || has.fresh === "1") &&
          (!wanted.open.checked || has.waived === "0") &&
          words.every((word) => has.text.includes(word));
        item.hidden = !fits;
        count += fits ? 1 : 0;
      }
      shown.textContent = `${count} of ${all.length} shown`;
    };
    form.hidden = false;
    form.addEventListener("input", apply);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(apply));
    for (const link of document.querySelectorAll("[data-only]")) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        form.reset();
        form.elements.layer.value = link.dataset.only;
        apply();
        document.getElementById("findings").scrollIntoView();
        form.elements.layer.focus({ preventScroll: true });
      });
    }
    apply();
  }
  const open = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target instanceof HTMLDetailsElement) {
      target.open = true;
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", open);
  open();
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
})();
