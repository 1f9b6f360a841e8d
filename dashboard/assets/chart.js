// Draws a Plotly figure in place: zoom and hidden traces stay when new data arrive. The title stands above in plain
// text, which wraps in narrow windows; a menu beside it saves the chart. Clicks and brushes are reported.
const TITLE_HEIGHT = 32
const LEAST_PICTURE_WIDTH = 960
const PAPER_MARGIN = 20
const drawn = new WeakMap()
let library = null

function load(address) {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script")
    script.src = address
    script.onload = () => resolve(window.Plotly)
    script.onerror = () => reject(new Error(`${address} cannot be loaded`))
    document.head.append(script)
  })
  return library
}

// The figure as it is shown: without its title, and with the room the title had given back. A copy, for Plotly writes
// into what it is given where the person has zoomed and turned it.
function onScreen(original, font) {
  const { data, layout } = structuredClone(original)
  if (layout.title?.text) layout.margin = { ...layout.margin, t: Math.max(8, (layout.margin?.t ?? 40) - TITLE_HEIGHT) }
  layout.title = undefined
  layout.height -= TITLE_HEIGHT
  layout.font = { ...layout.font, family: font }
  return { data, layout }
}

// The figure as it is saved: as the person has zoomed and turned it, with its title, on the colour of the page.
function forPaper(box, own) {
  const ground = getComputedStyle(box).getPropertyValue("--st-background-color").trim() || "#ffffff"
  const shown = Object.fromEntries(
    Object.entries(box.layout).filter(([name]) => /^(x|y)axis\d*$|^scene\d*$/.test(name))
  )
  const { margin, title } = own.figure.layout
  const wider = Object.fromEntries(["l", "r", "t", "b"].map((side) => [side, (margin?.[side] ?? 0) + PAPER_MARGIN]))
  return {
    data: box.data,
    layout: {
      ...own.figure.layout,
      ...shown,
      margin: wider,
      title: { ...title, pad: { l: PAPER_MARGIN } },
      font: box.layout.font,
      paper_bgcolor: ground,
      plot_bgcolor: ground,
    },
  }
}

function save(name, address) {
  const link = document.createElement("a")
  link.download = name
  link.href = address
  link.click()
}

async function savePicture(box, own, format) {
  const figure = forPaper(box, own)
  const width = Math.max(LEAST_PICTURE_WIDTH, box.clientWidth)
  const size = { width, height: own.figure.layout.height, format, scale: format === "png" ? 2 : 1 }
  save(`${own.name}.${format}`, await window.Plotly.toImage(figure, size))
}

async function savePage(box, own) {
  const figure = forPaper(box, own)
  const ground = figure.layout.paper_bgcolor
  const safe = (value) => JSON.stringify(value).replaceAll("<", "\\u003c")
  const code = await (await fetch(own.library)).text()
  const page = document.implementation.createHTMLDocument(own.alt)
  const add = (parent, tag, text) => parent.appendChild(Object.assign(page.createElement(tag), { textContent: text }))
  page.head.prepend(Object.assign(page.createElement("meta"), { httpEquiv: "content-type", content: "text/html; charset=utf-8" }))
  add(page.head, "style", `body { margin: 0; background: ${ground} } #chart { height: 100vh }`)
  page.body.appendChild(page.createElement("div")).id = "chart"
  add(page.body, "script", code.replaceAll(/<\/script/gi, "<\\/script"))
  const layout = { ...figure.layout, height: undefined, width: undefined, autosize: true }
  add(
    page.body,
    "script",
    `Plotly.newPlot("chart", ${safe(figure.data)}, ${safe(layout)}, {responsive: true, displaylogo: false})`
  )
  const blob = new Blob(["<!doctype html>\n", page.documentElement.outerHTML], { type: "text/html" })
  const address = URL.createObjectURL(blob)
  save(`${own.name}.html`, address)
  setTimeout(() => URL.revokeObjectURL(address), 60000)
}

function resetView(box, own) {
  own.resets += 1
  const { data, layout } = onScreen(own.figure, box.layout.font.family)
  window.Plotly.react(box, data, { ...layout, uirevision: `reset ${own.resets}` }, own.config)
}

function fillMenu(menu, box, own) {
  const actions = {
    "PNG picture": () => savePicture(box, own, "png"),
    "SVG drawing": () => savePicture(box, own, "svg"),
    "HTML page": () => savePage(box, own),
    "Reset the view": () => resetView(box, own),
  }
  const list = menu.querySelector(".bf-chart-actions")
  list.replaceChildren(
    ...Object.entries(actions).map(([label, action]) => {
      const button = document.createElement("button")
      button.type = "button"
      button.textContent = label
      button.onclick = () => {
        menu.open = false
        action()
      }
      return button
    })
  )
  menu.onkeydown = (event) => {
    if (event.key !== "Escape" || !menu.open) return
    menu.open = false
    menu.querySelector("summary").focus()
  }
  menu.addEventListener("focusout", (event) => {
    if (!menu.contains(event.relatedTarget)) menu.open = false
  })
}

function listen(box, own) {
  box.on("plotly_click", (event) => {
    const point = event.points[0]?.customdata
    if (own.clickable && point !== undefined && point !== null) own.report("clicked", point)
  })
  box.on("plotly_restyle", () => {
    if (!own.brushable) return
    const dimensions = box.data.flatMap((trace) => (trace.type === "parcoords" ? trace.dimensions : []))
    const brushes = {}
    for (const { name, constraintrange } of dimensions) {
      if (constraintrange?.length) brushes[name] = [constraintrange].flat().flat()
    }
    own.report("brushed", brushes)
  })
  own.observer = new ResizeObserver(() => {
    if (box.isConnected) window.Plotly.Plots.resize(box)
  })
  own.observer.observe(box)
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const box = parentElement.querySelector(".chart")
  let own = drawn.get(box)
  if (!own) {
    own = { text: null, figure: null, observer: null, resets: 0 }
    own.config = { responsive: true, displayModeBar: false }
    drawn.set(box, own)
    fillMenu(parentElement.querySelector(".bf-chart-menu"), box, own)
  }
  own.report = setTriggerValue
  Object.assign(own, { alt: data.alt, name: data.name, library: data.library })
  Object.assign(own, { clickable: data.clickable, brushable: data.brushable })
  box.style.minHeight = `${data.height - TITLE_HEIGHT}px`
  box.style.minWidth = data.min_width ? `${data.min_width}px` : ""
  box.setAttribute("role", "img")
  box.setAttribute("aria-label", data.alt)
  parentElement.querySelector(".bf-chart-title").textContent = data.title

  load(data.library).then((Plotly) => {
    if (own.text === data.figure || !box.isConnected) return
    own.text = data.figure
    own.figure = JSON.parse(data.figure)
    const shown = onScreen(own.figure, getComputedStyle(box).fontFamily)
    Plotly.react(box, shown.data, shown.layout, own.config).then(() => {
      if (!own.observer) listen(box, own)
    })
  })
  return () => {
    own.observer?.disconnect()
    if (window.Plotly) window.Plotly.purge(box)
    drawn.delete(box)
  }
}
