"use strict";
const button = document.getElementById("pause");
let paused = false;
button.hidden = false;
button.addEventListener("click", () => {
  paused = !paused;
  button.setAttribute("aria-pressed", paused);
  button.textContent = paused ? "Resume updates" : "Pause updates";
});
async function update() {
  const busy = document.activeElement && document.activeElement.closest("#live form");
  if (paused || document.hidden || busy) return;
  const answer = await fetch(location.href, { headers: { "Accept": "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("live"), shown = document.getElementById("live");
  if (!fresh || !answer.ok) return;
  const open = new Set([...shown.querySelectorAll("details[open]")].map((one) => one.id));
  const shut = new Set([...shown.querySelectorAll("details:not([open])")].map((one) => one.id));
  for (const one of fresh.querySelectorAll("details")) {
    if (open.has(one.id)) one.open = true;
    if (shut.has(one.id)) one.open = false;
  }
  document.getElementById("standing").textContent = page.getElementById("standing").textContent;
  document.body.dataset.live = page.body.dataset.live ?? "";
  if (fresh.innerHTML === shown.innerHTML) return;
  const focused = document.activeElement && document.activeElement.id;
  shown.innerHTML = fresh.innerHTML;
  if (focused && !document.activeElement.id) document.getElementById(focused)?.focus();
}
async function turn() {
  await update().catch(() => undefined);
  if (document.body.dataset.live || paused) setTimeout(turn, 1500);
  else button.hidden = true;
}
setTimeout(turn, 1500);
