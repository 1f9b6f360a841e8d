// Keeps one entry of the browser's history for each step a person takes, so that Back leads where they came from.
//
// Streamlit writes a change of page down twice (the old page with the new parameters, then the new page) and each of
// several parameters by itself.
const TOGETHER_MS = 400
const SWITCH_MS = 3000
const PASSING = ["example"]

const without = (search, names) => {
  const kept = new URLSearchParams(search)
  for (const name of names) kept.delete(name)
  return kept.toString()
}

function tidy() {
  if (window.bertFrontierHistory) return
  window.bertFrontierHistory = true
  const push = window.history.pushState.bind(window.history)
  const replace = window.history.replaceState.bind(window.history)
  let last = null

  window.history.pushState = (state, title, url) => {
    const now = performance.now()
    const here = new URL(window.location.href)
    const next = new URL(url, here)
    const unmoved = last !== null && last.href === here.href
    const samePage = next.pathname === here.pathname
    const secondHalf = unmoved && !samePage && next.search === here.search && now - last.at < SWITCH_MS
    const sameStep = unmoved && samePage && now - last.at < TOGETHER_MS
    const passing = samePage && without(next.search, PASSING) === without(here.search, PASSING)
    if (secondHalf || sameStep || passing) replace(state, title, url)
    else push(state, title, url)
    last = { href: window.location.href, at: now }
  }
}

export default function () {
  tidy()
}
