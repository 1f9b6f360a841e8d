// Takes the focus from a tab that was clicked with a mouse, so that arrow keys reach what the tab shows; a tab that
// was reached by the keyboard keeps it.
export default function () {
  const focused = document.activeElement
  if (focused?.getAttribute("role") === "tab" && !focused.matches(":focus-visible")) focused.blur()
}
