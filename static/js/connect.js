// The bank window: opens the provider's widget (okra-js), lets only its own
// messages through, and carries what it says to our server.
//
/*! Contains okra-js 2.1.1, MIT License, Copyright (c) 2020 Okra, Inc.
Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions: The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE. */
import Okra from "okra-js"

const widget = JSON.parse(document.getElementById("widget").textContent)
const origin = new URL(widget.baseUrl).origin
const button = document.getElementById("open-bank")
const waiting = document.getElementById("opening-bank") // stands there until the window has loaded

const linger = 8000 // the window may stay this long after its last word

let loaded = false // the window has said that it is there
let watchdog = 0
let steps = Promise.resolve() // the posts of onEvent, one after the other
let saving = null // the promise of the post that keeps onSuccess or onError
let succeeded = false
let leaving = false

// guard runs before okra-js, which lets through any origin that begins like its
// own, any sender, and a second "loaded" that breaks it.
function guard(event) {
  const { data } = event
  const ours = Okra.iframe && event.source === Okra.iframe.contentWindow && event.origin === origin
  if (!ours || !isPlain(data) || (data.ifameLoaded && loaded)) {
    event.stopImmediatePropagation()
    return
  }
  if (data.ifameLoaded) {
    loaded = true
    clearTimeout(watchdog)
    reveal()
  }
  if (data.close && data.success) onSuccess(data) // okra-js would only close
}

function isPlain(data) {
  return typeof data === "object" && data !== null && Object.getPrototypeOf(data) === Object.prototype
}

function open() {
  if (Okra.iframe || leaving) return // one window at a time
  show("opening")
  loaded = false
  Okra.baseUrl = origin
  const options = JSON.parse(JSON.stringify(widget.options)) // okra-js writes into what it gets
  Okra.buildWithOptions({ ...options, onSuccess, onClose, onError, onEvent })
  Okra.iframe.title = button.textContent.trim()
  conceal()
  watchdog = setTimeout(giveUp, widget.timeoutMs)
}

// conceal keeps the window out of sight while it loads: when it cannot, the
// browser's broken page fills the screen. It keeps its size, by which it is
// laid out, so it is not display: none.
function conceal() {
  Okra.iframe.style.visibility = "hidden"
  Okra.loader.hidden = true
  waiting.showModal()
}

function reveal() {
  waiting.close()
  Okra.iframe.style.visibility = "visible"
  Okra.iframe.focus()
}

// tidy removes the window, the grey sheet behind it and the listener, whichever
// of them okra-js has left.
function tidy() {
  clearTimeout(watchdog)
  waiting.close()
  removeEventListener("message", Okra)
  Okra.iframe?.remove?.()
  Okra.loader?.remove?.()
  Okra.iframe = Okra.loader = null
}

function giveUp() {
  tidy()
  show("unavailable")
  button.focus()
  post(widget.errorUrl, { code: "widget_timeout" })
}

function onSuccess(message) {
  if (succeeded) return
  succeeded = true
  saving = post(widget.successUrl, message)
  setTimeout(onClose, linger)
}

function onError(message) {
  if (!succeeded) saving = post(widget.errorUrl, message)
}

// onEvent tells how far the customer has come. It is no loss if it does not arrive.
function onEvent({ event }) {
  const body = JSON.stringify({ event_name: event?.event_name })
  steps = steps.then(() => send(widget.stepUrl, body, true))
}

async function onClose() {
  if (leaving) return
  leaving = true
  tidy()
  show(succeeded ? "saving" : "closing")
  const answer = await (saving ?? post(widget.closeUrl, {}))
  if (answer.ok) location.reload() // the server knows more than we do
  else show("refused")
}

// post keeps trying until the server has answered; only a refusal ends it.
async function post(url, message) {
  const body = JSON.stringify(message)
  const keepalive = body.length < 20000 // browsers allow 64 KiB of these in all
  for (let wait = 1000; ; wait = Math.min(wait * 2, 30000)) {
    const { answer, trouble } = await send(url, body, keepalive)
    for (const state of besides) show(state, state === trouble)
    if (answer) return answer
    await new Promise((resolve) => setTimeout(resolve, wait))
  }
}

// send returns the server's answer, or what keeps it from being one: it is worth
// another try then.
async function send(url, body, keepalive) {
  try {
    const headers = { "Content-Type": "application/json" }
    const answer = await fetch(url, { method: "POST", credentials: "same-origin", headers, body, keepalive })
    return answer.status >= 500 || answer.status === 429 ? { trouble: "busy" } : { answer }
  } catch {
    return { trouble: "lost" }
  }
}

// besides are the states whose sentences come and go beside the others.
const besides = ["lost", "busy"]

// show uncovers the page's sentence for a state.
function show(state, on = true) {
  for (const element of document.querySelectorAll("[data-when]")) {
    const { when } = element.dataset
    if (when === state) element.hidden = !on
    else if (!besides.includes(state) && !besides.includes(when)) element.hidden = true
  }
  if (state === "opening" || !on) return
  const words = document.querySelector(`div[data-when="${state}"]`)
  document.getElementById("announce").textContent = words.textContent.trim()
  button.hidden = leaving
}

// The page looks whether the window may still be there. When something else
// stands in the place of the button, it may not.
document.addEventListener("htmx:after:swap", () => {
  if (button.isConnected) return
  leaving = true
  tidy()
})
addEventListener("message", guard, true)
button.hidden = false
button.addEventListener("click", open)
document.getElementById("cancel-bank").addEventListener("click", onClose)
waiting.addEventListener("cancel", onClose) // the Escape key
open()
