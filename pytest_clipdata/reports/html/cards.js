"use strict";
// Makes cards of the page's data. Whatever came from the data set is set as text, never as markup.
const data = JSON.parse(document.getElementById("content").textContent);
const TILES = 8; // tiles and messages of one card that are shown at once

const make = (tag, attributes, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) node.setAttribute(name, value);
  node.append(...children.filter((child) => child !== null));
  return node;
};

/** "train.csv:17", or "train.csv" for the whole of it. */
const spot = ([file, line]) => (line === null ? data.files[file][0] : `${data.files[file][0]}:${line}`);

/** A place as code that breaks between folders only, and opens in the editor where the files are near. */
const place = (at) => {
  const words = spot(at);
  const cut = words.lastIndexOf("/") + 1;
  const name = words.slice(cut);
  const code = make("code", {}, words.slice(0, cut), make("span", { class: name.length > 36 ? "" : "whole" }, name));
  if (data.root === null) return code;
  const line = at[1] === null ? "" : `:${at[1]}`;
  const href = `vscode://file${data.root}/${data.files[at[0]][1]}${line}`;
  return make("a", { class: "place", href, title: "Open in the editor (VS Code)" }, code);
};

/** The words of a finding, with the places of other rows between them. */
const told = (words) => words.map((part) => (typeof part === "string" ? part : place(part)));
const message = (finding) => finding.words.map((part) => (typeof part === "string" ? part : spot(part))).join("");
const tag = (words, kind) => make("span", { class: `tag ${kind || ""}` }, words);
const picture = (row) => (row.picture === undefined ? null : make("img", { src: data.pictures[row.picture], alt: "" }));

/** A row as a person sees it: picture, caption, label; its places too where the card has several. */
const tile = (numbers, several) => {
  const row = data.rows[numbers[0]];
  const image = picture(row);
  const thumb = image
    ? make("button", { class: "thumb", type: "button", "aria-label": `Open ${row.name} large` }, image)
    : make("div", { class: "thumb gone" }, make("span", {}, row.name));
  if (image) thumb.addEventListener("click", () => enlarge(thumb, row));
  const where = make("span", { class: "where" }, row.label ? tag(row.label) : null);
  if (several) where.append(...numbers.slice(0, TILES).map((number) => place(data.rows[number].at)));
  if (several && numbers.length > TILES) where.append(`and ${numbers.length - TILES} more rows`);
  const caption = row.text ? make("q", {}, row.text) : make("em", {}, "no text");
  return make("figure", { class: "side" }, thumb, make("figcaption", {}, caption, where));
};

/** What is said of a card's rows: equal words once, with all their places. */
const sayings = (found) => {
  const same = new Map();
  for (const finding of found) {
    const key = JSON.stringify([finding.words, finding.tags, finding.known, finding.severity]);
    if (!same.has(key)) same.set(key, []);
    same.get(key).push(finding);
  }
  return [...same.values()];
};

const saying = (all, findings) => {
  const [first] = findings;
  const places = (all ? findings : findings.slice(0, TILES)).map((finding) => place(finding.at));
  const severity = first.severity || "critical";
  const where = make("p", { class: "where" }, ...places);
  if (places.length < findings.length) where.append(`and ${findings.length - places.length} more`);
  where.append(tag(severity, severity), ...(first.tags || []).map((words) => tag(words)));
  if (first.known) where.append(tag("known"));
  return make("div", { class: "what" }, make("p", {}, ...told(first.words)), where);
};

/** One case as a card; ``all`` shows every row of a large cluster. */
const card = (found, all) => {
  const findings = found.findings.map((number) => data.findings[number]);
  const tiles = all ? found.tiles : found.tiles.slice(0, TILES);
  const said = sayings(findings);
  const parts = all ? said : said.slice(0, TILES);
  const kind = tiles.length > 2 ? "cluster" : tiles.length > 1 ? "pair" : "";
  const item = make(
    "li",
    { class: `card ${kind}`, "data-check": data.checks[findings[0].check], tabindex: "-1" },
    make("div", { class: "sides" }, ...tiles.map((numbers) => tile(numbers, tiles.length > 1))),
    ...parts.map((one) => saying(all, one)),
  );
  const rows = Math.max(found.tiles.length, said.length);
  if (!all && (tiles.length < found.tiles.length || parts.length < said.length)) {
    const more = make("button", { type: "button", class: "rest" }, `Show all ${rows.toLocaleString("en")} rows of this case`);
    more.addEventListener("click", () => {
      const whole = card(found, true);
      item.replaceWith(whole);
      whole.focus();
    });
    item.append(more);
  }
  return item;
};

// --- one picture, large ---------------------------------------------------------------------------------------------

const large = make("dialog", { id: "large", "aria-label": "Picture" });
document.body.append(large);
large.addEventListener("click", (event) => {
  if (event.target === large) large.close();
});
large.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step) walk(step);
});
large.addEventListener("close", () => {
  if (large.opener) large.opener.focus();
});

/** Open the picture before or after the one that is open, of those that the page shows. */
const walk = (step) => {
  const thumbs = [...document.querySelectorAll("button.thumb")].filter((thumb) => thumb.offsetParent);
  const next = thumbs[thumbs.indexOf(large.opener) + step];
  if (next) next.click();
};

const enlarge = (thumb, row) => {
  large.opener = thumb;
  const close = make("button", { type: "button", class: "close" }, "Close");
  close.addEventListener("click", () => large.close());
  const image = make("img", { src: data.pictures[row.picture], alt: row.name });
  const text = row.text ? make("q", {}, row.text) : make("em", {}, "no text");
  const where = make("p", { class: "where" }, row.label ? tag(row.label) : null, place(row.at));
  const links = make("p", {}, make("code", {}, row.name));
  if (row.href) links.append(" ", make("a", { href: row.href, target: "_blank", rel: "noopener noreferrer" }, "Open the file"));
  large.replaceChildren(close, image, make("div", {}, make("p", {}, text), where, links));
  if (!large.open) large.showModal();
  close.focus(); // not lost when the picture changes
};
