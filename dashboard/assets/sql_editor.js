// A field for SQL: keywords in colour, names completed while typing, Ctrl+Enter runs.
const DELAY = 400
const MOST = 12
const INSERT = "bert-frontier:insert"
const SCHEMA = "bertFrontierSchema"
const NOTHING = { tables: [], columns: [] }
const KEYWORDS = (
  "select from where group by order limit join left inner on using as and or not in is null between like ilike " +
  "having distinct with union all case when then else end asc desc nulls last first over partition qualify filter " +
  "exists cast values pivot unpivot summarize describe show explain offset interval true false"
).split(" ")
const FUNCTIONS = (
  "count sum avg min max median quantile_cont stddev corr arg_max arg_min round floor ceil abs sqrt log10 coalesce " +
  "greatest least lag lead row_number rank first last list histogram epoch lower upper concat replace length " +
  "regexp_matches json_keys unnest strftime"
).split(" ")
const KNOWN = new Set(KEYWORDS)
const TOKENS =
  /(--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|('(?:[^']|'')*(?:'|$))|(\$[A-Za-z_]\w*)|(\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b)|([A-Za-z_]\w*)|("[^"]*(?:"|$))/g
const instances = new WeakMap()

function lookUp(schema, wanted) {
  return schema.tables.find((table) => table[0].toLowerCase() === wanted.toLowerCase())
}

// Tables named after FROM and JOIN, by their names and aliases.
function tablesIn(text, schema) {
  const found = new Map()
  const plain = text.replace(TOKENS, (whole, comment, string) => (comment || string ? " " : whole))
  for (const part of plain.matchAll(/\b(?:from|join)\s+((?:"[^"]+"|\w+)(?:\s+(?:as\s+)?\w+)?(?:\s*,\s*\w+(?:\s+(?:as\s+)?\w+)?)*)/gi)) {
    for (const item of part[1].split(",")) {
      const [name, ...rest] = item.trim().replaceAll('"', "").split(/\s+/)
      const table = lookUp(schema, name)
      if (!table) continue
      found.set(name.toLowerCase(), table)
      const alias = rest.filter((word) => word.toLowerCase() !== "as")[0]
      if (alias && !KNOWN.has(alias.toLowerCase())) found.set(alias.toLowerCase(), table)
    }
  }
  return found
}

function columnsOf(table, schema) {
  return table[3].map((index) => {
    const [name, type] = schema.columns[index]
    return { text: name, note: type.toLowerCase() }
  })
}

// What may stand at the caret, the likeliest first, and how many letters of it are there already.
function candidates(text, caret, schema, asked) {
  const before = text.slice(0, caret)
  const word = /(\$?)([A-Za-z_]?\w*)$/.exec(before)
  const prefix = word[2].toLowerCase()
  if (word[1]) {
    const names = new Set([...text.matchAll(/\$([A-Za-z_]\w*)/g)].map((match) => match[1]))
    names.delete(word[2])
    return { from: caret - word[2].length, found: ranked([...names].map((name) => ({ text: name, note: "parameter" })), prefix) }
  }
  const from = caret - word[2].length
  const qualifier = /(?:"([^"]+)"|(\w+))\.$/.exec(before.slice(0, from))
  const used = tablesIn(text, schema)
  if (qualifier) {
    const table = used.get((qualifier[1] ?? qualifier[2]).toLowerCase()) ?? lookUp(schema, qualifier[1] ?? qualifier[2])
    return { from, found: table ? ranked(columnsOf(table, schema), prefix) : [] }
  }
  if (!prefix && !asked) return { from, found: [] }
  const tables = schema.tables.map(([name, kind]) => ({ text: name, note: kind }))
  if (/\b(?:from|join)\s+$/i.test(before.slice(0, from))) return { from, found: ranked(tables, prefix) }
  // Before anything stands after FROM, any column may be meant.
  const sources = used.size ? new Set(used.values()) : schema.tables
  const columns = [...sources].flatMap((table) => columnsOf(table, schema))
  const words = [
    ...KEYWORDS.map((name) => ({ text: name.toUpperCase(), note: "" })),
    ...FUNCTIONS.map((name) => ({ text: `${name}(`, note: "function" })),
  ]
  return { from, found: ranked([...columns, ...tables, ...words], prefix) }
}

// Those that begin with the prefix, then those that have it at the beginning of a part, in the given order.
function ranked(items, prefix) {
  const seen = new Set()
  const groups = [[], []]
  for (const item of items) {
    const name = item.text.toLowerCase()
    if (seen.has(name) || name === prefix) continue
    seen.add(name)
    if (name.startsWith(prefix)) groups[0].push(item)
    else if (prefix.length > 1 && name.includes(`_${prefix}`)) groups[1].push(item)
  }
  return groups.flat().slice(0, MOST)
}

function paint(pre, text) {
  const parts = []
  let end = 0
  const add = (content, name) => {
    const span = document.createElement("span")
    span.textContent = content
    if (name) span.className = name
    parts.push(span)
  }
  for (const match of text.matchAll(TOKENS)) {
    const [whole, comment, string, parameter, number, word] = match
    const name = comment ? "comment" : string ? "string" : parameter ? "parameter" : number ? "number"
      : word && KNOWN.has(word.toLowerCase()) ? "keyword" : ""
    if (!name) continue
    if (match.index > end) add(text.slice(end, match.index), "")
    add(whole, name)
    end = match.index + whole.length
  }
  add(`${text.slice(end)}\n`, "")
  pre.replaceChildren(...parts)
}

// Where a letter is on the screen.
function placeOf(pre, offset) {
  let rest = offset
  for (const span of pre.childNodes) {
    const node = span.firstChild
    if (node && rest <= node.length) {
      const range = document.createRange()
      range.setStart(node, rest)
      range.collapse(true)
      return range.getClientRects()[0] ?? span.getBoundingClientRect()
    }
    rest -= node ? node.length : 0
  }
  return pre.getBoundingClientRect()
}

function parametersIn(text) {
  const names = new Set()
  for (const match of text.matchAll(TOKENS)) if (match[3]) names.add(match[3])
  return [...names].sort().join(" ")
}

function makeEditor(parent) {
  const find = (name) => parent.querySelector(name)
  const own = { seen: null, inFlight: [], timer: 0, open: false, items: [], from: 0, chosen: 0, moved: false }
  Object.assign(own, { area: find("textarea"), pre: find("pre"), list: find("ul"), run: find("button"), box: find(".field") })

  own.draw = () => {
    paint(own.pre, own.area.value)
    own.area.style.height = "auto"
    own.area.style.height = `${Math.max(own.pre.scrollHeight, 0)}px`
  }
  own.close = () => {
    own.open = false
    own.list.hidden = true
    own.area.setAttribute("aria-expanded", "false")
    own.area.removeAttribute("aria-activedescendant")
  }
  own.mark = () => {
    ;[...own.list.children].forEach((line, index) => {
      line.setAttribute("aria-selected", String(index === own.chosen))
      if (index === own.chosen) line.scrollIntoView({ block: "nearest" })
    })
    own.area.setAttribute("aria-activedescendant", `completion-${own.chosen}`)
  }
  own.suggest = (asked) => {
    const { from, found } = candidates(own.area.value, own.area.selectionStart, window[SCHEMA] ?? NOTHING, asked)
    if (!found.length || own.area.selectionStart !== own.area.selectionEnd) return own.close()
    Object.assign(own, { open: true, items: found, from, chosen: 0, moved: false })
    own.list.replaceChildren(
      ...found.map((item, index) => {
        const line = document.createElement("li")
        line.id = `completion-${index}`
        line.setAttribute("role", "option")
        line.append(item.text)
        const note = document.createElement("small")
        note.textContent = item.note
        line.append(note)
        line.onpointerdown = (event) => {
          event.preventDefault()
          own.accept(index)
        }
        return line
      })
    )
    const place = placeOf(own.pre, from)
    const frame = own.box.getBoundingClientRect()
    own.list.hidden = false
    own.list.style.left = `${Math.max(0, Math.min(place.left - frame.left, frame.width - own.list.offsetWidth))}px`
    own.list.style.top = `${place.bottom - frame.top + 2}px`
    own.area.setAttribute("aria-expanded", "true")
    own.mark()
  }
  own.type = (text, from, to) => {
    own.area.focus()
    own.area.setSelectionRange(from, to)
    // The only way that keeps undo; it tells about itself by an input event.
    if (!document.execCommand("insertText", false, text)) own.area.setRangeText(text, from, to, "end")
    own.draw()
  }
  own.accept = (index) => {
    own.type(own.items[index].text, own.from, own.area.selectionStart)
    own.close()
  }
  own.report = () => {
    clearTimeout(own.timer)
    if (own.area.value === own.reported) return
    own.reported = own.area.value
    own.inFlight.push(own.area.value)
    own.trigger("edited", own.area.value)
  }
  own.ask = () => {
    clearTimeout(own.timer)
    own.close()
    own.reported = own.area.value
    own.inFlight.push(own.area.value)
    own.trigger("run", own.area.value)
  }
  own.insert = (event) => {
    const { selectionStart: from, selectionEnd: to, value } = own.area
    const gap = from > 0 && /[\w,)]/.test(value[from - 1]) ? " " : ""
    own.type(gap + event.detail, from, to)
    own.close()
  }
  return own
}

function listen(own) {
  own.area.oninput = () => {
    own.draw()
    own.suggest(false)
    clearTimeout(own.timer)
    // The server is told while typing only when the parameters change: it draws a field for each.
    if (parametersIn(own.area.value) !== parametersIn(own.reported ?? "")) own.timer = setTimeout(own.report, DELAY)
  }
  own.area.onblur = () => {
    own.close()
    own.report()
  }
  own.area.onclick = own.close
  own.run.onclick = own.ask
  own.area.onkeydown = (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault()
      event.stopPropagation()
      own.ask()
    } else if (event.key === " " && event.ctrlKey) {
      event.preventDefault()
      own.suggest(true)
    } else if (own.open && ["ArrowDown", "ArrowUp"].includes(event.key)) {
      event.preventDefault()
      own.moved = true
      own.chosen = (own.chosen + (event.key === "ArrowDown" ? 1 : -1) + own.items.length) % own.items.length
      own.mark()
    } else if (own.open && (event.key === "Tab" || (event.key === "Enter" && own.moved))) {
      event.preventDefault()
      own.accept(own.chosen)
    } else if (own.open && event.key === "Escape") {
      event.preventDefault()
      event.stopPropagation()
      own.close()
    } else if (["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) own.close()
  }
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  let own = instances.get(parentElement)
  if (!own) {
    own = makeEditor(parentElement)
    instances.set(parentElement, own)
    listen(own)
    window.addEventListener(INSERT, own.insert)
    own.observer = new ResizeObserver(own.draw)
    own.observer.observe(own.box)
  }
  own.trigger = setTriggerValue
  parentElement.querySelector(".limits").textContent = data.limits
  if (data.text !== own.seen) {
    own.seen = data.text
    const echo = own.inFlight.indexOf(data.text)
    if (echo >= 0) {
      // Our own words coming back; more may have been typed since.
      own.inFlight.splice(0, echo + 1)
    } else {
      own.inFlight = []
      own.reported = data.text
      own.area.value = data.text
    }
  }
  own.draw()
  return () => {
    clearTimeout(own.timer)
    own.observer.disconnect()
    window.removeEventListener(INSERT, own.insert)
    instances.delete(parentElement)
  }
}
