// Draws a Plotly figure in place: zoom and hidden traces stay when new data arrive, and a click tells the point.
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

export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const box = parentElement.querySelector(".chart")
  let own = drawn.get(box)
  if (!own) {
    own = { figure: null, observer: null, report: null }
    drawn.set(box, own)
  }
  own.report = (point) => setTriggerValue("clicked", point)
  box.style.minHeight = `${data.height}px`
  box.setAttribute("role", "img")
  box.setAttribute("aria-label", data.alt)

  load(data.library).then((Plotly) => {
    if (own.figure === data.figure || !box.isConnected) return
    own.figure = data.figure
    const figure = JSON.parse(data.figure)
    figure.layout.font = { ...figure.layout.font, family: getComputedStyle(box).fontFamily }
    const config = {
      responsive: true,
      displaylogo: false,
      modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
    }
    Plotly.react(box, figure.data, figure.layout, config).then(() => {
      if (own.observer) return
      box.on("plotly_click", (event) => {
        const point = event.points[0]?.customdata
        if (data.clickable && point !== undefined) own.report(point)
      })
      own.observer = new ResizeObserver(() => {
        if (box.isConnected) Plotly.Plots.resize(box)
      })
      own.observer.observe(box)
    })
  })
  return () => {
    own.observer?.disconnect()
    if (window.Plotly) window.Plotly.purge(box)
    drawn.delete(box)
  }
}
