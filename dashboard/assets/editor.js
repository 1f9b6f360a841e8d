// A text field with line numbers that reports what was typed shortly after the last key.
const DELAY = 400
const instances = new WeakMap()

export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const area = parentElement.querySelector("textarea")
  const gutter = parentElement.querySelector(".gutter")
  let own = instances.get(parentElement)
  if (!own) {
    own = { seen: null, inFlight: [], timer: 0 }
    instances.set(parentElement, own)
  }

  const draw = () => {
    const faulty = new Set(own.faulty)
    const count = area.value.split("\n").length
    gutter.replaceChildren(
      ...Array.from({ length: count }, (_, index) => {
        const line = document.createElement("div")
        line.textContent = String(index + 1)
        if (faulty.has(index + 1)) line.className = "faulty"
        return line
      })
    )
    area.rows = count + 1
  }
  const report = () => {
    clearTimeout(own.timer)
    if (area.value === own.reported) return
    own.reported = area.value
    own.inFlight.push(area.value)
    setTriggerValue("edited", area.value)
  }

  own.faulty = data.faulty
  if (data.text !== own.seen) {
    own.seen = data.text
    const echo = own.inFlight.indexOf(data.text)
    if (echo >= 0) {
      // Our own words coming back; more may have been typed since.
      own.inFlight.splice(0, echo + 1)
    } else {
      clearTimeout(own.timer)
      own.inFlight = []
      own.reported = data.text
      area.value = data.text
    }
  }
  draw()

  area.oninput = () => {
    draw()
    clearTimeout(own.timer)
    own.timer = setTimeout(report, DELAY)
  }
  area.onblur = report
  return () => clearTimeout(own.timer)
}
