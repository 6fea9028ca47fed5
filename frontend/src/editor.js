// The programme's text: a textarea that becomes an editor where there is script. It lives in a
// shadow root, because its styles then are adopted sheets, which the policy allows.
import { yaml } from "@codemirror/lang-yaml";
import { forEachDiagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { basicSetup } from "codemirror";

const look = EditorView.theme({
  "&": { height: "100%", color: "var(--tblr-body-color)", background: "var(--tblr-bg-forms)" },
  ".cm-scroller": { fontFamily: "var(--tblr-font-monospace)", lineHeight: "1.5" },
  ".cm-gutters": {
    background: "var(--tblr-bg-surface-secondary)", color: "var(--tblr-secondary)", border: "none",
  },
  ".cm-activeLine, .cm-activeLineGutter": { background: "var(--tblr-active-bg)" },
  ".cm-cursor": { borderLeftColor: "var(--tblr-body-color)" },
});

function begin(area) {
  area.dataset.began = "yes";
  const place = document.createElement("div");
  place.className = "editor";
  area.after(place);
  area.hidden = true;
  const root = place.attachShadow({ mode: "open" });
  const inside = document.createElement("div");
  root.append(inside);
  const dark = new Compartment();
  const isDark = () => document.documentElement.getAttribute("data-bs-theme") === "dark";
  const labelled = { "aria-label": area.getAttribute("aria-label") ?? area.name };
  let waiting;
  const view = new EditorView({
    root,
    parent: inside,
    state: EditorState.create({
      doc: area.value,
      extensions: [
        basicSetup, yaml(), lintGutter(), look,
        dark.of(EditorView.darkTheme.of(isDark())),
        EditorView.contentAttributes.of(labelled),
        EditorState.readOnly.of(area.readOnly),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          area.value = update.state.doc.toString();
          clearTimeout(waiting);
          // The page says what happens as one types: htmx listens for `change`.
          waiting = setTimeout(() => area.dispatchEvent(new Event("change", { bubbles: true })), 400);
        }),
      ],
    }),
  });
  // What scrolls can be reached by the keyboard.
  view.scrollDOM.tabIndex = 0;
  new MutationObserver(() =>
    view.dispatch({ effects: dark.reconfigure(EditorView.darkTheme.of(isDark())) }),
  ).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  // What a check found arrives as elements with `data-line` (from 1) inside the named list.
  const found = area.dataset.problems && document.getElementById(area.dataset.problems);
  const mark = () => {
    const problems = [...found.querySelectorAll("[data-line]")].map((node) => {
      const number = Math.min(Math.max(1, Number(node.dataset.line)), view.state.doc.lines);
      const line = view.state.doc.line(number);
      return { from: line.from, to: line.to, severity: node.dataset.severity ?? "error", message: node.textContent.trim() };
    });
    view.dispatch(setDiagnostics(view.state, problems));
  };
  if (found) {
    mark();
    new MutationObserver(mark).observe(found, { childList: true, subtree: true });
    found.addEventListener("click", (event) => {
      const node = event.target.closest("[data-line]");
      if (!node) return;
      const line = view.state.doc.line(Math.min(Number(node.dataset.line), view.state.doc.lines));
      view.dispatch({ selection: { anchor: line.from }, scrollIntoView: true });
      view.focus();
    });
  }
  area.problems = () => {
    let count = 0;
    forEachDiagnostic(view.state, () => (count += 1));
    return count;
  };
}

const all = () => document.querySelectorAll("textarea[data-editor]:not([data-began])").forEach(begin);
all();
document.addEventListener("htmx:load", all);
