// What a browser finds on the sample pages. accessible_test.go loads this into
// a page with our stylesheet and gives it one sample after the other.

// put shows a sample in the place of what is there, with everything on it that
// a person could unfold.
function put(html) {
  const sample = new DOMParser().parseFromString(html, "text/html")
  document.documentElement.lang = sample.documentElement.lang
  document.title = sample.title
  document.body.replaceWith(sample.body)
  for (const part of document.querySelectorAll("details")) part.open = true
  for (const button of document.querySelectorAll("button[hidden]")) {
    button.hidden = false
    if (!button.innerText.trim()) button.hidden = true // it has nothing to say in this state
  }
}

// tag is how an element begins, to find it by.
const tag = (element) => element.cloneNode(false).outerHTML

const shown = (selector) => [...document.querySelectorAll(selector)].filter((e) => e.checkVisibility({ visibilityProperty: true }))

// places is what stood where on the samples before, by look.
const places = {}

// known is the parts of a sample that a sample before it had too, in the same
// place and with the same beside it: most states of a page differ in one part.
// A part that refers to another says nothing by itself.
function known(look) {
  const seen = (places[look] ??= new Set())
  const found = []
  const refers = /^(for|form|headers|list|aria-(labelledby|describedby|controls|owns|details|errormessage|flowto|activedescendant))$/
  const alone = (part) => {
    const inside = new Set([part, ...part.querySelectorAll("*")].map((e) => e.id))
    return [part, ...part.querySelectorAll("*")].every((e) =>
      [...e.attributes].every((a) => !refers.test(a.name) || a.value.split(/\s+/).every((id) => inside.has(id))))
  }
  const walk = (parent, place, depth) => {
    for (const part of parent.children) {
      const beside = [part.previousElementSibling, part.nextElementSibling].map((e) => e && tag(e)).join()
      const here = `${place} ${tag(part)} ${beside}`
      const whole = `${here} ${part.outerHTML}`
      if (seen.has(whole) && alone(part)) found.push(part)
      else if (depth < 4) walk(part, here, depth + 1)
      seen.add(whole)
    }
  }
  walk(document.body, `${document.documentElement.lang} ${tag(document.body)}`, 0)
  return found
}

// told is the ways in which texts were told from what is behind them on the
// samples before, by look.
const told = {}

// untold is what has a text in colours in which no text stood before. By its
// colour and size and by what is behind it, up to what nothing shines through,
// the contrast of a text is reckoned.
function untold(look) {
  const seen = (told[look] ??= new Set())
  const behind = new Map()
  const ground = (e) => {
    if (!e) return ""
    if (!behind.has(e)) {
      const { backgroundColor, backgroundImage, opacity } = getComputedStyle(e)
      const own = [backgroundColor, backgroundImage, opacity].join()
      behind.set(e, backgroundColor.startsWith("rgb(") ? own : own + ground(e.parentElement))
    }
    return behind.get(e)
  }
  const says = (e) => e.matches("input, select, textarea") || [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim())
  return shown("body *").filter(says).filter((e) => {
    const { color, fontSize, fontWeight, textShadow } = getComputedStyle(e)
    const way = [color, fontSize, fontWeight, textShadow, ground(e)].join()
    return !seen.has(way) && seen.add(way)
  })
}

// ask is what axe finds by some of its rules in some parts of a sample.
async function ask(where, rules) {
  const found = await axe.run(where, { iframes: false, preload: false, resultTypes: ["violations"], ...rules })
  return found.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.failureSummary} ${n.html}`))
}

// violations asks axe for some of its rules about what is new on a sample, and
// for the contrast of what stands in new colours: to reckon that takes longer
// than all the rest. levels and laidOut come from Go.
async function violations(runOnly, look) {
  const rest = await ask({ exclude: known(look) }, { runOnly, rules: { "color-contrast": { enabled: false } } })
  return [...rest, ...(await contrast(look))]
}

async function contrast(look) {
  const include = untold(look)
  return include.length ? ask({ include }, { runOnly: { type: "rule", values: ["color-contrast"] } }) : []
}

// sideways is what makes the page scroll to the side (1.4.10), and what scrolls
// by itself but not by keyboard or without a name.
function sideways() {
  const { scrollWidth, clientWidth } = document.documentElement
  const found = []
  if (scrollWidth > clientWidth) {
    const wide = shown("body *").filter((e) => e.getBoundingClientRect().left + e.scrollWidth > clientWidth)
    found.push(`${scrollWidth} pixels wide on ${clientWidth}: ${wide.map(tag).at(-1) ?? ""}`)
  }
  for (const e of shown("main *")) {
    const scrolls = /auto|scroll/.test(getComputedStyle(e).overflowX) && e.scrollWidth > e.clientWidth
    if (scrolls && !(e.tabIndex === 0 && e.matches("[aria-label], [aria-labelledby]"))) found.push(`scrolls without a name or the keyboard: ${tag(e)}`)
  }
  return found
}

// small is every control below 24 by 24 pixels (2.5.8). Links in a sentence are
// exempt, and what stands on its own is not in one.
function small() {
  return shown("button, input:not([type=hidden]), select, textarea, summary, .button, nav a, .brand, .back a, .tabs a").flatMap((e) => {
    const { width, height } = e.getBoundingClientRect()
    return width < 24 || height < 24 ? [`${Math.round(width)} × ${Math.round(height)} pixels: ${tag(e)}`] : []
  })
}

// moving is what moves although the person asked for stillness (2.3.3).
function moving() {
  return document.getAnimations().map((a) => `moves: ${tag(a.effect.target)}`)
}

// flat is what cannot be told from the page around it without colours of its
// own (forced colours): a button without an edge, a state without an edge or words.
function flat() {
  const edge = (e) => parseFloat(getComputedStyle(e).borderTopWidth) > 0 || parseFloat(getComputedStyle(e).borderLeftWidth) > 0
  return [
    ...shown(".button:not(.button-link), .badge, .notice, .progress, .outcome, .env, .card").filter((e) => !edge(e)).map((e) => `no edge: ${tag(e)}`),
    ...shown(".button-link").filter((e) => !getComputedStyle(e).textDecorationLine.includes("underline")).map((e) => `no underline: ${tag(e)}`),
    ...shown(".badge").filter((e) => !e.innerText.trim() || !e.querySelector("svg")).map((e) => `by colour alone: ${tag(e)}`),
  ]
}

// joined is every two texts beside each other that read as one word: a space is missing.
function joined() {
  const found = []
  const walk = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT)
  const lines = (n) => {
    const range = document.createRange()
    range.selectNodeContents(n)
    return [...range.getClientRects()].filter((r) => r.width > 0.5)
  }
  let before, end
  for (let n; (n = walk.nextNode());) {
    const within = n.parentElement
    if (!n.data.trim() || within.matches("svg *, option, textarea, .visually-hidden") || !within.checkVisibility()) continue
    const [begin] = lines(n)
    const meet = end && begin && Math.abs(end.bottom - begin.bottom) < 6 && Math.abs(begin.left - end.right) < 2
    const parted = n.previousSibling?.nodeName === "WBR"
    if (meet && !parted && /[\p{L}\p{N}:.,;)]$/u.test(before.data) && /^[\p{L}\p{N}(]/u.test(n.data)) {
      found.push(`no space between ${before.data.slice(-20)} and ${n.data.slice(0, 20)}`)
    }
    const stuck = !within.closest("code, pre") && n.data.match(/\p{Ll}[.!?]\p{Lu}\p{Ll}/u) // of two that came side by side
    if (stuck) found.push(`no space in ${n.data.slice(Math.max(0, stuck.index - 15), stuck.index + 15)}`)
    before = n
    end = lines(n).at(-1) ?? end
  }
  return found
}

// crowded is what touches a box or a button right above or below it.
function crowded() {
  const box = (e) => {
    const { backgroundColor, borderTopWidth, borderBottomWidth } = getComputedStyle(e)
    return backgroundColor !== "rgba(0, 0, 0, 0)" || (parseFloat(borderTopWidth) > 0 && parseFloat(borderBottomWidth) > 0)
  }
  const place = (e) => e.getBoundingClientRect()
  const seen = (e) => e && e.checkVisibility() && place(e).height > 8
  // The box at an edge of an element, if one reaches it.
  const boxAt = (e, edge) => {
    if (!e || box(e)) return e
    return boxAt([...e.children].find((part) => seen(part) && Math.abs(place(part)[edge] - place(e)[edge]) < 1.5), edge)
  }
  const found = []
  for (const e of shown("main :is(p, h2, h3, form, section, .card, .notice, .table, .actions, .details, .plain, .parts, .pager, .empty)")) {
    let before = e.previousElementSibling
    while (before && !seen(before)) before = before.previousElementSibling
    if (!before || !seen(e) || e.closest("td, .chart") || getComputedStyle(before).display.startsWith("inline")) continue
    const [above, below] = [place(before), place(e)]
    const beside = Math.min(above.right, below.right) - Math.max(above.left, below.left) < 20
    if (beside || Math.abs(below.top - above.bottom) >= 1) continue
    if (boxAt(before, "bottom") || boxAt(e, "top")) found.push(`touches ${tag(before)}: ${tag(e)}`)
  }
  return found
}

const checks = {
  everything: (look) => violations(levels, look),
  layout: (look) => (document.querySelector("table") ? violations(laidOut, look) : contrast(look)),
  colours: contrast,
  sideways, small, moving, flat, joined, crowded,
}

// inspect puts each sample and returns what the checks find, by sample.
async function inspect(look, samples, names) {
  const found = {}
  for (const [sample, html] of Object.entries(samples)) {
    put(html)
    const complaints = []
    for (const name of names) complaints.push(...(await checks[name](look)))
    if (complaints.length) found[sample] = complaints
  }
  return found
}
