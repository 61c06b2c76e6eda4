// The notebook's desk: what is clicked or pressed is sent to Python, which answers with the next row's HTML.
const KEYS = {j: "next", k: "before", g: "good", b: "bad", u: "withdrawn", p: "play", n: "note"};

function render({model, el}) {
  el.tabIndex = -1;
  // Keys are the desk's while the focus is in it: JupyterLab's own ("b" adds a cell) must not see them.
  el.dataset.lmSuppressShortcuts = "true";

  let busy = false;

  const play = () => {
    const audio = el.querySelector("audio");
    if (audio) audio.paused ? audio.play() : audio.pause();
  };
  const act = (what, reason) => {
    if (what === "play") return play();
    const note = el.querySelector("[data-note]");
    if (what === "note") return note?.focus();
    if (busy) return;  // the answer to the last click is still to come: a second one would judge a row unseen
    busy = true;
    model.send({do: what, reason: reason ?? "", note: note?.value ?? ""});
  };
  const show = () => {
    const focused = el.contains(document.activeElement);
    el.innerHTML = model.get("html");
    busy = false;  // what is seen may be answered; the message that says so comes a moment later
    if (!focused) return;
    el.focus({preventScroll: true});
    if (el.getBoundingClientRect().top < 0) el.scrollIntoView();
  };

  const onClick = (event) => {
    const button = event.target.closest("[data-do]");
    if (button) return act(button.dataset.do, button.dataset.reason);
    const link = event.target.closest('a[href^="#"]');
    if (!link) return;
    event.preventDefault();
    const goal = el.querySelector(`[id="${link.getAttribute("href").slice(1)}"]`)?.closest("a");
    if (!goal) return;
    for (const lit of el.querySelectorAll(".lit")) lit.classList.remove("lit");
    goal.classList.add("lit");
    goal.focus();
  };
  const onKey = (event) => {
    event.stopPropagation();
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.matches("input")) {
      if (event.key === "Escape") el.focus();
      return;
    }
    if (event.key in KEYS) {
      event.preventDefault();
      act(KEYS[event.key]);
    } else if (/^[1-9]$/.test(event.key)) {
      const named = el.querySelectorAll("[data-reason]")[Number(event.key) - 1];
      if (named) act(named.dataset.do, named.dataset.reason);
    }
  };

  const onPlay = (event) => {  // question and response are not heard at once
    for (const other of el.querySelectorAll("audio")) if (other !== event.target) other.pause();
  };
  const onAnswer = () => { busy = false; };

  el.addEventListener("click", onClick);
  el.addEventListener("keydown", onKey);
  el.addEventListener("play", onPlay, true);
  model.on("change:html", show);
  model.on("msg:custom", onAnswer);
  show();
  return () => {
    el.removeEventListener("click", onClick);
    el.removeEventListener("keydown", onKey);
    el.removeEventListener("play", onPlay, true);
    model.off("change:html", show);
    model.off("msg:custom", onAnswer);
  };
}

export default {render};
