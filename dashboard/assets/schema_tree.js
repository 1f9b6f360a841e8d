// What there is to query, as a tree: a click on a name puts it into the editor.
const INSERT = "bert-frontier:insert"
const SCHEMA = "bertFrontierSchema"
// Of many experiments so few that the tables below them stay in sight.
const MOST = { view: 20, table: 100 }
const instances = new WeakMap()

function nameButton(name) {
  const button = document.createElement("button")
  button.type = "button"
  button.textContent = name
  button.title = `Insert ${name}`
  // The caret stays in the editor.
  button.onpointerdown = (event) => event.preventDefault()
  button.onclick = () => window.dispatchEvent(new CustomEvent(INSERT, { detail: name }))
  return button
}

function columnLine([name, type, comment]) {
  const line = document.createElement("li")
  const kind = document.createElement("small")
  kind.textContent = type.toLowerCase()
  line.append(nameButton(name), kind)
  if (comment) {
    const note = document.createElement("p")
    note.textContent = comment
    line.append(note)
  }
  return line
}

function tableBlock(own, [name, , comment, indices], columns, opened) {
  const block = document.createElement("details")
  const head = document.createElement("summary")
  head.append(nameButton(name))
  const fill = () => {
    if (!block.open || block.children.length > 1) return
    if (comment) {
      const note = document.createElement("p")
      note.textContent = comment
      block.append(note)
    }
    const list = document.createElement("ul")
    list.append(...indices.map((index) => columnLine(columns[index])))
    block.append(list)
  }
  block.append(head)
  block.open = opened
  fill()
  block.ontoggle = () => {
    fill()
    own.open[block.open ? "add" : "delete"](name)
  }
  return block
}

function draw(own) {
  const { tables, columns } = own.data.schema
  const wanted = own.search.value.trim().toLowerCase()
  const has = ([name, , , indices]) =>
    !wanted || name.toLowerCase().includes(wanted) || indices.some((index) => columns[index][0].toLowerCase().includes(wanted))
  const parts = []
  for (const [kind, title] of [["view", "Experiments and views"], ["table", "Tables"]]) {
    const found = tables.filter((table) => table[1] === kind && has(table))
    if (!found.length) continue
    const heading = document.createElement("h4")
    heading.textContent = title
    parts.push(heading)
    for (const table of found.slice(0, MOST[kind])) {
      parts.push(tableBlock(own, table, columns, own.open.has(table[0])))
    }
    if (found.length > MOST[kind]) {
      const more = document.createElement("p")
      more.textContent = `${found.length - MOST[kind]} more; search for them by name.`
      parts.push(more)
    }
  }
  if (!parts.length) {
    const none = document.createElement("p")
    none.textContent = `Nothing is called ${wanted}.`
    parts.push(none)
  }
  own.tree.replaceChildren(...parts)
}

export default function (component) {
  const { data, parentElement } = component
  let own = instances.get(parentElement)
  if (!own) {
    own = { open: new Set(), search: parentElement.querySelector("input"), tree: parentElement.querySelector(".tree") }
    instances.set(parentElement, own)
    own.search.oninput = () => draw(own)
  }
  const version = JSON.stringify(data.schema)
  if (version !== own.version) {
    own.version = version
    own.data = data
    // The editor completes names from it.
    window[SCHEMA] = data.schema
    draw(own)
  }
}
