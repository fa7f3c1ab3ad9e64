"use strict";
/* Shows and hides what is on the page. It calculates nothing: without it, all of it can be read. */
(() => {
  const all = (of, within = document) => [...within.querySelectorAll(of)];
  const one = (of, within = document) => within.querySelector(of);
  const steps = all(".step"), keys = steps.map((step) => step.dataset.t);
  const panel = one("#working"), nav = one("#go");
  if (!nav) return;
  let now = Math.max(0, keys.indexOf(location.hash.slice(2)));

  function go(to) {
    now = Math.max(0, Math.min(steps.length - 1, to));
    for (const each of all(".now")) each.classList.remove("now");
    for (const each of all(`[data-t="${keys[now]}"]`)) each.classList.add("now");
    const work = one(".work", steps[now]);
    if (work && !one(".eq", steps[now])) work.open = true;
    one(".back", nav).disabled = now === 0;
    one(".on", nav).disabled = now === steps.length - 1;
    one(".at", nav).textContent = one("h3", steps[now]).dataset.title;
  }

  /* What a cell holds: the quantity, the component, its name, and the step. */
  function about(cell) {
    const vector = cell.closest(".vec");
    if (vector) {
      const step = cell.closest(".step");
      return { key: vector.dataset.key, i: +cell.dataset.i, t: step.dataset.t };
    }
    const { key, i, name } = all("col", cell.closest("table"))[cell.cellIndex].dataset;
    return { key, i: +i, name, t: cell.parentElement.dataset.t };
  }

  function show(cell) {
    const { key, i, name, t } = about(cell);
    const found = one(`.step[data-t="${t}"] pre[data-key="${CSS.escape(key)}"]`);
    let text = `${name} = ${cell.textContent}`;
    if (found) {
      const line = found.textContent.split("\n")[i];
      text = found.dataset.name + (line[0] === "[" ? "" : " ") + line;
    }
    panel.textContent = "";
    const title = document.createElement("b");
    title.textContent = t === "end" ? "at the end" : `t = ${t}`;
    panel.append(title, text);
    panel.hidden = false;
    for (const each of all(".hot")) each.classList.remove("hot");
    for (const each of all(`.line[data-key="${CSS.escape(`${key}:${i}`)}"], .pointed`))
      each.classList.toggle("hot", each.matches(".line"));
  }

  function hide() {
    const cell = cellOf(document.activeElement);
    if (cell) return show(cell);
    panel.hidden = true;
    for (const each of all(".hot")) each.classList.remove("hot");
  }

  const cellOf = (target) => target instanceof Element && target.closest(".v, .values tr[data-t] td");

  function enter(cell) {
    if (!cell) return;
    const table = cell.closest("table");
    if (table) for (const each of all("td[tabindex='0']", table)) each.tabIndex = -1;
    cell.tabIndex = 0;
    cell.focus();
  }

  /* The cell that an arrow leads to: in a table beside it, in a step the component above or below. */
  function beside(cell, key) {
    if (cell.matches(".v")) {
      const every = all(".v", cell.closest(".step"));
      return every[every.indexOf(cell) + { ArrowUp: -1, ArrowDown: 1 }[key]];
    }
    const row = cell.parentElement, rows = all("tr[data-t]", row.parentElement);
    if (key === "Home") return row.cells[1];
    if (key === "End") return row.cells[row.cells.length - 1];
    if (key === "ArrowLeft" || key === "ArrowRight") {
      const next = row.cells[cell.cellIndex + (key === "ArrowLeft" ? -1 : 1)];
      return next && next.matches("td") ? next : null;
    }
    const next = rows[rows.indexOf(row) + { ArrowUp: -1, ArrowDown: 1 }[key]];
    return next && next.cells[cell.cellIndex];
  }

  function turn(by) {
    const cell = document.activeElement.closest(".v"), at = cell && about(cell);
    go(now + by);
    steps[now].scrollIntoView({ block: "nearest" });
    if (at) enter(one(`.vec[data-key="${CSS.escape(at.key)}"] [data-i="${at.i}"]`, steps[now]));
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const cell = cellOf(event.target), { key } = event;
    if (key === "Escape") {
      if (cell) cell.blur();
      hide();
    } else if (cell && /^(Arrow(Up|Down)|Home|End)$/.test(key) && (cell.matches("td") || key[0] === "A")) {
      event.preventDefault();
      enter(beside(cell, key));
    } else if (key === "ArrowLeft" || key === "ArrowRight") {
      event.preventDefault();
      if (cell && cell.matches("td")) enter(beside(cell, key));
      else turn(key === "ArrowLeft" ? -1 : 1);
    }
  });
  document.addEventListener("focusin", (event) => {
    const cell = cellOf(event.target);
    if (!cell) return;
    const at = keys.indexOf(about(cell).t);
    if (at !== now && at >= 0) go(at);
    show(cell);
  });
  document.addEventListener("focusout", () => requestAnimationFrame(hide));
  document.addEventListener("mouseover", (event) => {
    const cell = cellOf(event.target);
    if (cell) show(cell);
    else if (!panel.hidden && !panel.contains(event.target)) hide();
  });
  document.addEventListener("click", (event) => enter(cellOf(event.target)));

  for (const each of all(".v")) each.tabIndex = 0;
  for (const each of all(".values")) {
    each.setAttribute("role", "grid");
    const first = one("tr[data-t] td", each);
    if (first) first.tabIndex = 0;
  }
  one(".back", nav).addEventListener("click", () => turn(-1));
  one(".on", nav).addEventListener("click", () => turn(1));
  one(".every", nav).addEventListener("click", (event) => {
    const every = document.documentElement.classList.toggle("all");
    event.target.setAttribute("aria-pressed", every);
  });
  nav.hidden = false;
  document.documentElement.classList.add("js");
  go(now);
})();
