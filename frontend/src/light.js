// What every face has: htmx under a strict policy, and small conveniences. Nothing here is needed
// to read a page or to send a form.
import htmx from "htmx.org/dist/htmx.esm.js";

Object.assign(htmx.config, {
  includeIndicatorStyles: false,
  allowEval: false,
  allowScriptTags: false,
  selfRequestsOnly: true,
  historyCacheSize: 0,
  timeout: 20000,
  // A form that was refused comes back with its errors: it is shown, though it is no success.
  responseHandling: [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    { code: "4(00|03|04|09|13|22|29)", swap: true },
    { code: "286", swap: true },
    { code: "...", swap: false, error: true },
  ],
});

// Requests of htmx without a form carry the token too.
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('meta[name="csrf"]')?.content;
  if (token) event.detail.headers["x-csrf-token"] = token;
});

const editable = (node) =>
  node instanceof HTMLElement &&
  (node.isContentEditable || /^(input|textarea|select)$/i.test(node.tagName));

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  // Letters and digits are typed where one types; F2 and its kind lead everywhere.
  if (editable(event.target) && !/^F\d+$/.test(event.key)) return;
  // What the page itself offers goes before the ways of its frame.
  const marked = (within) => [...document.querySelectorAll(`${within}[data-key]`)];
  for (const node of [...marked("main "), ...marked("")]) {
    if (node.dataset.key !== event.key || !node.checkVisibility?.()) continue;
    event.preventDefault();
    if (editable(node)) {
      node.focus();
      node.select?.();
    } else node.click();
    return;
  }
});

document.addEventListener("click", async (event) => {
  const copy = event.target.closest?.("[data-copy]");
  if (copy) {
    const source = document.getElementById(copy.dataset.copy);
    await navigator.clipboard.writeText(source.value ?? source.textContent);
    const said = copy.querySelector("[data-copy-said]");
    if (said) {
      said.textContent = copy.dataset.said;
      setTimeout(() => (said.textContent = copy.dataset.say), 2000);
    }
  }
  const opener = event.target.closest?.("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  if (event.target.closest?.("[data-print]")) window.print();
  const close = event.target.closest?.("[data-dismiss]");
  if (close) close.closest(".alert")?.remove();
});

document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-submit-on-change]");
  if (form) form.requestSubmit();
});

// The portal's card stays at hand without a network.
const worker = document.querySelector("[data-worker]")?.dataset.worker;
if (worker && "serviceWorker" in navigator) {
  navigator.serviceWorker.register(worker, { scope: "/me" }).catch(() => {});
}

// A form is sent once: a second press of an impatient finger does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
  for (const button of form.querySelectorAll("button[type=submit]")) button.classList.add("sent");
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("button.sent")) button.classList.remove("sent");
});

// A scanner ends what it read with Enter: the sum is meant next, not the whole form.
document.addEventListener("keydown", (event) => {
  const typed = event.target;
  if (event.key !== "Enter" || !typed.matches?.("[data-enter-next]") || !typed.value) return;
  event.preventDefault();
  const fields = [...typed.form.querySelectorAll("input")];
  fields.slice(fields.indexOf(typed)).find((field) => field.name === "sum")?.focus();
});

// A till nobody touches locks itself; the server does so by its own clock, too.
const idle = document.querySelector("form[data-idle]");
if (idle) {
  let waiting;
  const again = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => idle.requestSubmit(), Number(idle.dataset.idle) * 1000);
  };
  for (const kind of ["keydown", "pointerdown"]) document.addEventListener(kind, again);
  again();
}
