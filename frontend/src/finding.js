// The search box: arrows go through what was found, Escape goes back to typing.
document.addEventListener("keydown", (event) => {
  const box = event.target.closest?.("[data-search]");
  if (!box || event.isComposing) return;
  const typed = box.querySelector("input[type=search]");
  const links = [...box.querySelectorAll(".found a")];
  const at = links.indexOf(document.activeElement);
  if (event.key === "ArrowDown" && links.length) {
    links[Math.min(at + 1, links.length - 1)].focus();
  } else if (event.key === "ArrowUp" && at >= 0) {
    (links[at - 1] ?? typed).focus();
  } else if (event.key === "Escape" && at >= 0) {
    typed.focus();
  } else {
    return;
  }
  event.preventDefault();
});
