// Keys of the page: j and k go from row to row, p plays the row; one clip at a time.
"use strict";
const rows = [...document.querySelectorAll("article")];

function here() {
  const inside = document.activeElement.closest("article");
  return inside ? rows.indexOf(inside) : rows.findIndex((row) => row.getBoundingClientRect().bottom > 80);
}

function go(index) {
  const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
  row.focus();
  row.scrollIntoView();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || !rows.length) return;
  const at = here();
  if (event.key === "j") go(document.activeElement.closest("article") ? at + 1 : at);
  else if (event.key === "k") go(at - 1);
  else if (event.key === "p") {
    const audio = rows[Math.max(0, at)].querySelector("audio");
    if (audio) audio.paused ? audio.play() : audio.pause();
  }
});
document.addEventListener("play", (event) => {
  for (const other of document.querySelectorAll("audio")) if (other !== event.target) other.pause();
}, true);
