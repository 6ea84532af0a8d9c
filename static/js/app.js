// Small behaviours on top of pages that work without them: swapped cards keep
// the focus, polling survives a lost connection, times and countdowns stay true.
import htmx from "htmx.org"

// The pages' policy demands Trusted Types. Our own server's HTML is trusted;
// a script inside it is not: pages bring theirs as files.
htmx.registerExtension("balancelink", {
  init(api) {
    if (!window.trustedTypes) return
    api.initSecurity(trustedTypes.createPolicy("balancelink", { createHTML: (html) => html, createScript: () => "" }))
  },
})

// What takes the place of a part of a page leaves what somebody has opened there, and what
// is shown for the script alone.
htmx.config.morphIgnore.push("open", "hidden")

const byId = (id) => document.getElementById(id)
const all = (selector) => document.querySelectorAll(selector)

// How this page was come to.
const [arrival] = performance.getEntriesByType("navigation")

// The server's clock, by which all our times are told. It is compared with ours of when the
// page came: a phone may have slept until its script came, too.
const cameAt = arrival?.responseStart ? performance.timeOrigin + arrival.responseStart : Date.now()
const skew = cameAt - Number(document.documentElement.dataset.now)
// A device's clock that is set back takes no time back that the page has stood open, and one
// that counts that stands still while the device sleeps.
const now = () => Math.max(Date.now(), performance.timeOrigin + performance.now()) - skew

function announce(text) {
  byId("announce").textContent = text
}

// --- times ---

const [justNow, minutesAgo, hoursAgo] = document.documentElement.dataset.ages.split("|")
const daysAgo = new Intl.RelativeTimeFormat(document.documentElement.lang)

// ago says the same words as Clock.ago in views/format.go, which brings them.
function ago(ms) {
  const minutes = Math.floor((now() - ms) / 60000)
  if (minutes < -5) return null // our clock was set back: the page says so
  if (minutes < 1) return justNow
  if (minutes < 60) return minutesAgo.replace("#", minutes)
  if (minutes < 1440) return hoursAgo.replace("#", Math.floor(minutes / 60))
  if (minutes < 60 * 1440) return daysAgo.format(-Math.floor(minutes / 1440), "day")
  return null // months do not grow while somebody looks
}

// outgrow lets the badges of balances say what these have become while the page
// stood open. The page brings what a badge turns to, and when.
function outgrow() {
  for (const badge of all("[data-as-of]")) {
    let turn = null
    for (const next of all("template[data-turn]")) {
      if (now() - badge.dataset.asOf > next.dataset.after) turn = next
    }
    const words = turn?.content.firstElementChild
    if (!words || badge.className === words.className) continue
    badge.className = words.className
    badge.replaceChildren(...words.cloneNode(true).childNodes)
    if (turn.dataset.turn === "stale") badge.closest(".account")?.classList.add("account-muted")
  }
}

function countdown(ms) {
  const left = Math.ceil((ms - now()) / 1000)
  const two = (n) => String(n).padStart(2, "0")
  const [h, m, s] = [Math.floor(left / 3600), Math.floor(left / 60) % 60, two(left % 60)]
  return h ? `${h}:${two(m)}:${s}` : `${m}:${s}`
}

function tick() {
  outgrow()
  for (const span of all("[data-ago]")) {
    const text = ago(Number(span.dataset.ago))
    if (text && span.textContent !== text) span.textContent = text
  }
  for (const span of all("[data-until]")) {
    if (Number(span.dataset.until) > now()) span.textContent = countdown(Number(span.dataset.until))
    else allow(span.parentElement)
  }
}

// allow takes a countdown away and sets its button free.
function allow(words) {
  for (const button of all(`[aria-describedby="${words.id}"]`)) {
    button.removeAttribute("aria-disabled")
    button.removeAttribute("aria-describedby")
  }
  words.remove()
}

setInterval(tick, 1000)

// --- forms ---

// Where a page cannot say itself what has the focus, or its address says another place.
byId("problems")?.focus()

// Who has stopped an answer that did not come may press again.
const patience = 20000

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event
  if (submitter?.getAttribute("aria-disabled") === "true") {
    event.preventDefault()
    event.stopImmediatePropagation()
  } else if (form.hasAttribute("data-once")) {
    submitter?.setAttribute("aria-disabled", "true") // a second press does nothing twice
    setTimeout(() => submitter?.removeAttribute("aria-disabled"), patience)
  }
}, true)

// A page that comes back from the browser's memory has its buttons free again.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return
  for (const button of all("[data-once] [aria-disabled]")) button.removeAttribute("aria-disabled")
})

// A password can be read as it is typed. It is sent as one, which browsers keep.
for (const button of all("[data-show]")) {
  const field = byId(button.dataset.show)
  const words = [button.textContent, button.dataset.shown]
  const show = (shown) => {
    field.type = shown ? "text" : "password"
    button.textContent = words[Number(shown)]
  }
  button.hidden = false
  button.addEventListener("click", () => show(field.type === "password"))
  field.form.addEventListener("submit", () => show(false))
}

// A browser may refuse to copy by itself: what is selected it copies still, and if not, the
// person can.
async function copy(source) {
  if (source.select) source.select()
  else getSelection().selectAllChildren(source)
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent)
    return true
  } catch {
    return document.execCommand("copy")
  }
}

for (const button of all("[data-copy]")) {
  button.hidden = !navigator.clipboard
  button.addEventListener("click", async () => {
    if (!await copy(byId(button.dataset.copy))) return
    button.lastElementChild.textContent = button.dataset.copied
    announce(button.dataset.copied)
  })
}

// On a phone the main links are one row: the page's own is in sight.
for (const link of all(".nav [aria-current]")) {
  link.parentElement.scrollLeft = link.offsetLeft - (link.parentElement.clientWidth - link.offsetWidth) / 2
}

// --- finding a customer, and asking whether they cover an amount ---

// A key alone may be pressed by mistake, or by who speaks to the page: it can be turned off.
const noSlash = "no-slash"

function take(field) {
  field.focus()
  field.select()
}

// F asks about the customer of the page, or of the row that has the focus, and else finds
// one first.
function askFunds(target) {
  const row = target.closest("tr")?.querySelector("a[href^='/customers/']")
  if (byId("funds-amount")) take(byId("funds-amount"))
  else if (row) location.href = row.getAttribute("href") + "#funds-amount"
  else take(byId("q") ?? byId("find"))
}

document.addEventListener("keydown", (event) => {
  const { key, target, ctrlKey, metaKey, altKey } = event
  const command = ctrlKey || metaKey
  const typing = target.matches("input:not([type=checkbox]), textarea, select")
  const alone = !command && !altKey && !typing && !localStorage.getItem(noSlash)
  const field = byId("q") ?? byId("find")
  if (!field) return
  if (alone && key === "/" || command && key.toLowerCase() === "k") take(field)
  else if (alone && key.toLowerCase() === "f") askFunds(target)
  else return
  event.preventDefault()
})

if (location.hash === "#funds-amount") byId("funds-amount")?.focus()

for (const section of all("[data-shortcuts]")) {
  section.hidden = false
  const box = section.querySelector("input")
  box.checked = !localStorage.getItem(noSlash)
  box.addEventListener("change", () => {
    if (box.checked) localStorage.removeItem(noSlash)
    else localStorage.setItem(noSlash, "1")
  })
}

// --- reading a chart ---

// What stood at a moment is the last balance from before it. The slider over the drawing
// takes fingers and keys, and a pointer need not press.
function readable(box) {
  const [, slider, words] = box.children
  let text = "", points = [], at = 0
  const read = (index) => {
    at = Math.min(Math.max(index, 0), points.length - 1)
    const { x, y, lines } = points[at]
    const cursor = box.parentElement.querySelector(".cursor")
    const [line, dot] = cursor.children
    for (const [shape, names] of [[line, ["x1", "x2"]], [dot, ["cx"]]]) {
      for (const name of names) shape.setAttribute(name, `${x / 10}%`)
    }
    dot.setAttribute("cy", y)
    dot.toggleAttribute("hidden", y < 0)
    cursor.removeAttribute("hidden")
    slider.value = x
    slider.setAttribute("aria-valuetext", lines.join(". "))
    words.replaceChildren(...lines.map((text) => Object.assign(document.createElement("span"), { textContent: text })))
  }
  const near = (x) => read(points.filter((p) => p.x <= x).length - 1)
  const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10, Home: -1e6, End: 1e6 }
  slider.addEventListener("keydown", (event) => {
    if (!steps[event.key]) return
    event.preventDefault()
    read(at + steps[event.key])
  })
  slider.addEventListener("input", () => near(slider.value))
  slider.addEventListener("pointermove", (event) => {
    const { left, width } = slider.getBoundingClientRect()
    near((event.clientX - left) / width * 1000)
  })
  box.hidden = false
  return () => {
    if (box.dataset.read !== text) {
      text = box.dataset.read
      points = JSON.parse(text)
      at = points.length - 1
    }
    read(at)
  }
}

// A drawing that another takes the place of is read from then on: at its end, or where it
// was read if it is the same.
const readings = new WeakMap()

function readCharts() {
  for (const box of all("[data-read]")) {
    if (!readings.has(box)) readings.set(box, readable(box))
    readings.get(box)()
  }
}

readCharts()

// --- the list of who waits ---

for (const button of all("[data-choose]")) {
  button.hidden = false
  button.addEventListener("click", () => {
    for (const box of all(`input[form="${button.dataset.choose}"]`)) box.checked = true
  })
}

const rowOf = (node) => node.closest("tr")

// Keys work within the list alone: nobody who speaks to a page elsewhere presses them.
function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("select, textarea, input:not([type=checkbox])")) return
  const row = rowOf(event.target)
  if (!row) return
  const go = (other) => other?.querySelector("[data-row]")?.focus()
  const keys = {
    j: () => go(row.nextElementSibling),
    k: () => go(row.previousElementSibling),
    e: () => row.querySelector("[data-contacted]")?.click(),
    x: () => row.querySelector("input[type=checkbox]")?.click(),
  }
  if (!keys[event.key.toLowerCase()]) return
  event.preventDefault()
  keys[event.key.toLowerCase()]()
}

for (const list of all("[data-queue]")) {
  list.addEventListener("keydown", pressed)
  for (const hint of all("[data-keys]")) hint.hidden = false
}

// A message leaves as it stands in its field.
for (const link of all("[data-message]")) {
  const field = byId(link.dataset.message)
  const take = () => { link.href = link.dataset.before + encodeURIComponent(field.value) }
  field.addEventListener("input", take)
  take() // a browser may have put back what was typed before
}

for (const button of all("[data-share]")) {
  button.hidden = !navigator.share
  button.addEventListener("click", () => {
    navigator.share({ text: byId(button.dataset.share).value }).catch(() => {}) // they chose nobody
  })
}

// How a link leaves its page is a step of it.
for (const way of all("[data-way]")) {
  way.addEventListener("click", () => {
    const form = document.querySelector("form[data-sent]")
    if (!form) return // it was sent before
    form.elements.way.value = way.dataset.way
    form.requestSubmit()
  })
}

// A page that somebody has before them says so, once: what loads a page ahead of time, or
// only for a preview of it, shows it to nobody.
const opened = document.querySelector("[data-opened]")?.dataset.opened

function seen() {
  if (document.prerendering || document.visibilityState !== "visible") return
  document.removeEventListener("visibilitychange", seen)
  fetch(opened, { method: "POST", keepalive: true }).catch(() => {}) // it is not what they came for
}

if (opened) {
  document.addEventListener("visibilitychange", seen)
  document.addEventListener("prerenderingchange", seen)
  seen()
}

// --- swaps ---

// What a page fetches for itself comes in its own language, whatever was chosen
// in another window meanwhile.
document.addEventListener("htmx:config:request", ({ detail }) => {
  detail.ctx.request.headers["Page-Language"] = document.documentElement.lang
})

// What had the focus before a swap, and whether it was on the screen. Swaps
// overlap: each gives back what it took itself.
const focuses = new WeakMap()

document.addEventListener("htmx:before:swap", ({ detail }) => {
  const focused = document.activeElement
  const place = focused.getBoundingClientRect()
  if (focused !== document.body) focuses.set(detail.ctx, { focused, onScreen: place.bottom > 0 && place.top < innerHeight })
  if (detail.tasks.some(({ target }) => target?.id === "notice")) byId("notice").classList.add("late")
  // The same news twice is said once.
  const fresh = detail.tasks.filter(({ target, fragment }) =>
    target?.id !== "announce" || target.textContent !== fragment.textContent)
  detail.tasks.splice(0, detail.tasks.length, ...fresh)
})

// htmx gives the focus back to the element with the same id. When there is none,
// what came in place of the card takes it, so that the keyboard does not start
// over. What was on the screen stays there when the card grows.
document.addEventListener("htmx:after:swap", ({ detail }) => {
  readCharts()
  const { focused, onScreen } = focuses.get(detail.ctx) ?? {}
  if (!focused || focused.isConnected) return
  if (document.activeElement === document.body) (byId(focused.id) ?? detail.ctx.sourceElement).focus({ preventScroll: true })
  if (onScreen) document.activeElement.scrollIntoView({ block: "nearest" })
})

// --- answers that overtake each other ---

const polls = (element) => element?.getAttribute?.("hx-trigger")?.startsWith("load")

// How often somebody has pressed a button of a part, or an answer has brought more of the
// page than its own part; and how often it was when a request left.
let turns = 0
const leftAt = new WeakMap()

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  if (ctx.request.method !== "GET") turns++
  leftAt.set(ctx, turns)
})

// overtaken says of an answer that brings more of the page than its own part that something
// else of the page was asked for or came meanwhile: nobody can tell which of them is newer.
function overtaken(ctx) {
  if (!ctx.text.includes("<hx-partial")) return false
  return leftAt.get(ctx) !== turns++
}

// --- answers that broke off ---

// The server ends every page and every part of one with this, views.Whole: a proxy may
// hide from the browser that the line broke before.
const end = '<template id="whole"></template>'

function whole(ctx) {
  if (!ctx.text.endsWith(end)) return false
  ctx.text = ctx.text.slice(0, -end.length)
  return true
}

// What was pressed is not pressed again by itself.
function brokenOff(ctx) {
  if (polls(ctx.sourceElement)) again(ctx.sourceElement)
  else say("cut")
}

// A page that broke off before it could say so shows no figures either.
if (!byId("whole") && byId("cut")) say("cut")

// --- answers that are no fragment ---

let misses = 0

document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail
  const version = ctx.response.raw.headers.get("page-version")
  const other = version && version !== document.documentElement.dataset.version
  if (other) say("outdated")
  if (polls(ctx.sourceElement) && ctx.response.status === 204) {
    found()
    htmx.process(ctx.sourceElement, true) // nothing new: it looks again after the same pause
  } else if (polls(ctx.sourceElement) && (ctx.response.status >= 500 || ctx.response.status === 429)) {
    event.preventDefault()
    again(ctx.sourceElement)
  } else if (ctx.response.status === 404 && arrival?.type !== "reload") {
    event.preventDefault()
    location.reload() // what the part was of is gone: the whole page knows, and is loaded once
  } else if (/^\s*<(!doctype|html)/i.test(ctx.text)) {
    event.preventDefault() // signed out meanwhile, or a proxy speaks: the whole page knows
    if (ctx.request.method === "GET" || ctx.response.raw.redirected) location.reload()
    else complain()
  } else if (!whole(ctx) && !other) { // a release before this one, beside which it runs, says no end
    event.preventDefault()
    brokenOff(ctx)
  } else {
    found()
    if (!overtaken(ctx)) return
    event.preventDefault()
    if (polls(ctx.sourceElement)) htmx.process(ctx.sourceElement, true) // it is asked for anew
    else location.reload()
  }
})

// found says no more that the connection is lost.
function found() {
  misses = 0
  byId("offline").hidden = byId("unsent").hidden = true
}

document.addEventListener("htmx:error", ({ detail }) => {
  const { ctx } = detail
  if (!ctx) return
  if (ctx.response && ctx.text === undefined) brokenOff(ctx)
  else if (polls(ctx.sourceElement)) again(ctx.sourceElement)
  else complain()
})

// again lets an element poll once more after 1, 2, 4 … 30 seconds.
function again(element) {
  say("offline")
  setTimeout(() => htmx.process(element, true), Math.min(1000 * 2 ** misses++, 30000))
}

function complain() {
  say("unsent")
}

function say(id) {
  const words = byId(id)
  if (!words.hidden) return
  words.hidden = false
  announce(words.textContent)
}
