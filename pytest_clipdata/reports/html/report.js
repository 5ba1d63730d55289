// Groups of cards, the filter, and what can be taken away. Without this script the first findings stand as lines.
const FEW = 20; // cards of a group that are shown before one asks for more
const MORE = 100; // that many more each time after the first
const FIELDS = ["check", "split", "severity", "baseline", "text"];
const form = document.getElementById("filter");
document.documentElement.classList.add("scripted");

const count = (number) => number.toLocaleString("en");
const findings = (number) => `${count(number)} finding${number === 1 ? "" : "s"}`;

// --- groups ---------------------------------------------------------------------------------------------------------

const groups = [...document.querySelectorAll(".group")].map((node, number) => {
  const list = make("ul", { class: "cards" });
  const button = make("button", { type: "button", class: "more" });
  node.querySelector(".lines").replaceWith(list, button);
  const label = node.querySelector(".count");
  const group = { node, list, button, label, total: label.textContent, cases: data.cases[number] };
  button.addEventListener("click", () => {
    const before = group.shown;
    group.shown += before > FEW ? MORE : FEW;
    draw(group);
    list.children[before].focus();
  });
  node.addEventListener("toggle", () => {
    if (node.open) draw(group);
  });
  return group;
});

/** Show as many cards of a group as are asked for; those that are there already stay. */
const draw = (group) => {
  const { list, button, matching } = group;
  const missing = matching.slice(list.childElementCount, group.shown);
  list.append(...missing.map((found) => card(found, false)));
  const left = matching.length - list.childElementCount;
  button.hidden = left <= 0;
  const next = Math.min(left, group.shown > FEW ? MORE : FEW);
  button.textContent = `Show ${count(next)} more of ${count(matching.length)} cards`;
};

/** Open the first groups, as many as fit on a few screens; a group that matches nothing is out of the way. */
const fold = () => {
  let cards = 0;
  for (const group of groups) {
    group.node.hidden = group.matching.length === 0;
    group.node.open = group.matching.length > 0 && cards < FEW;
    cards += Math.min(FEW, group.matching.length);
    if (group.node.open) draw(group);
  }
};

// --- the filter -----------------------------------------------------------------------------------------------------

let haystacks = null; // the text of each finding in small letters, made when it is first asked for
const haystack = (finding) => {
  const row = data.rows[finding.row] || { name: "" };
  const words = [data.checks[finding.check], spot(finding.at), message(finding), row.name, row.text, row.label];
  return words.concat(finding.tags || []).join("\n").toLowerCase();
};

const wanted = () => Object.fromEntries(FIELDS.map((name) => [name, form.elements[name] ? form.elements[name].value : ""]));

let shown = []; // the findings that the filter lets through
const apply = () => {
  const asked = wanted();
  const words = asked.text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length && !haystacks) haystacks = data.findings.map(haystack);
  const fits = (finding, number) =>
    (!asked.check || data.checks[finding.check] === asked.check) &&
    (!asked.split || data.splits[finding.split] === asked.split) &&
    (!asked.severity || (finding.severity || "critical") === asked.severity) &&
    (!asked.baseline || (finding.known ? "known" : "new") === asked.baseline) &&
    words.every((word) => haystacks[number].includes(word));
  const passes = data.findings.map(fits);
  shown = data.findings.filter((finding, number) => passes[number]);
  const all = shown.length === data.findings.length;
  for (const group of groups) {
    group.matching = group.cases.filter((found) => found.findings.some((number) => passes[number]));
    group.shown = FEW;
    group.list.replaceChildren();
    const passed = group.cases.reduce((sum, found) => sum + found.findings.filter((number) => passes[number]).length, 0);
    group.label.textContent = all ? group.total : `${count(passed)} of ${group.total}`;
  }
  fold();
  document.getElementById("nothing").hidden = shown.length > 0;
  form.querySelector("output").textContent = all ? findings(shown.length) : `${count(shown.length)} of ${findings(data.findings.length)}`;
};

/** The filter's state in the address, so that a link leads to what one sees. */
const remember = () => {
  const asked = Object.entries(wanted()).filter(([, value]) => value);
  const hash = asked.length ? `#${new URLSearchParams(asked)}` : location.pathname + location.search;
  history.replaceState(null, "", hash);
};

const recall = () => {
  const asked = new URLSearchParams(location.hash.slice(1));
  for (const name of FIELDS) {
    const field = form.elements[name];
    if (!field) continue;
    field.value = asked.get(name) || "";
    if (field.selectedIndex === -1) field.selectedIndex = 0; // the data set has no such value any more
  }
};

// --- lines to take away ---------------------------------------------------------------------------------------------

const lines = () => shown.map((finding) => `${spot(finding.at)}: ${data.checks[finding.check]}: ${message(finding)}\n`).join("");

const say = (words) => {
  form.querySelector("output").textContent = words;
};

const copy = async () => {
  const text = lines();
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // A page that came over plain HTTP has no clipboard of that kind.
    const box = make("textarea", { "aria-hidden": "true" });
    box.value = text;
    form.append(box);
    box.select();
    const done = document.execCommand("copy");
    box.remove();
    if (!done) return say("The browser does not let this page copy");
  }
  return say(`Copied ${count(shown.length)} line${shown.length === 1 ? "" : "s"}`);
};

const download = () => {
  const href = URL.createObjectURL(new Blob([lines()], { type: "text/plain" }));
  const link = make("a", { href, download: "findings.txt" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(href), 1000);
  say(`Downloaded ${count(shown.length)} line${shown.length === 1 ? "" : "s"}`);
};

// --- the sample, and what links lead to -----------------------------------------------------------------------------

const sample = document.querySelector("#sample .lines");
if (sample) {
  const cards = data.samples.map((number) =>
    make("li", { class: "card" }, tile([number], false), make("p", { class: "where" }, place(data.rows[number].at))),
  );
  sample.replaceWith(make("ul", { class: "cards sample" }, ...cards));
}

/** Follow the address: a filter, or the name of a part, which must not be hidden or folded. */
const follow = () => {
  if (!form) return;
  if (location.hash.includes("=")) {
    recall();
    apply();
    document.getElementById("findings").scrollIntoView();
    return;
  }
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const group = groups.find(({ node }) => node === target);
  if (!group) return;
  if (group.node.hidden) {
    for (const name of FIELDS) if (form.elements[name]) form.elements[name].value = "";
    apply();
  }
  group.node.open = true;
  draw(group);
  group.node.scrollIntoView();
};

if (form) {
  let waiting = 0;
  const later = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      apply();
      remember();
    }, 120);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later); // not every browser sends "input" for a select
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(later));
  form.elements.copy.addEventListener("click", copy);
  form.elements.download.addEventListener("click", download);
  form.hidden = false;
  apply();
  addEventListener("hashchange", follow);
  follow();
}
