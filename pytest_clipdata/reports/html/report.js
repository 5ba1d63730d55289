"use strict";
// Filters the findings. All of them stand in the page; without this script they are all shown.
const form = document.getElementById("filter");
if (form) {
  const cards = [...document.querySelectorAll("[data-check]")].map((card) => ({
    card,
    group: card.closest(".group"),
    text: card.textContent.toLowerCase(),
  }));
  const fields = ["check", "split", "severity"];
  const apply = () => {
    const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const open = new Set();
    let shown = 0;
    for (const { card, group, text } of cards) {
      const fits = fields.every((name) => {
        const value = form.elements[name].value;
        return !value || card.dataset[name] === value;
      });
      card.hidden = !fits || !words.every((word) => text.includes(word));
      if (!card.hidden) {
        shown += 1;
        open.add(group);
      }
    }
    for (const group of document.querySelectorAll(".group")) group.hidden = !open.has(group);
    document.getElementById("nothing").hidden = shown > 0;
    form.querySelector("output").textContent =
      shown === cards.length ? `${shown} findings shown` : `${shown} of ${cards.length} findings shown`;
  };
  let waiting = 0;
  const later = () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 80);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later); // not every browser sends "input" for a select
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(apply));
  // A link to a check must not lead into a group that the filter hides.
  addEventListener("hashchange", () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.hidden) {
      form.reset();
      setTimeout(() => target.scrollIntoView());
    }
  });
  form.hidden = false;
  apply();
}
