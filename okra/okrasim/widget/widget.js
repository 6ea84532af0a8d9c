// The simulated bank window that okra-js 2.1.1 opens in an iframe.
//
// Messages to the page, as okra-js reads them: {ifameLoaded} (sic), {event},
// {success, …} or {error}, {beforeClose}, {close}. From the page: the options.
//
// Ids and classes that browser tests may rely on, in the order of the steps:
//   #close                          at all times
//   #fail                           "Simulate an error", until connected
//   #search, button[data-bank=SLUG] step-banks
//   #username, #password, #sign-in, #login-error, #back   step-login
//   #otp, #confirm-otp, #otp-error  step-otp
//   input[name=account][value=NUBAN] (unticked at first), #share, #share-error  step-accounts
//   #done                           step-done
//   #error-message                  step-error
// Each step is section#step-NAME; exactly one is not [hidden].

const $ = (id) => document.getElementById(id);
let origin = null; // of the page, known once it has sent the options
let session = {}; // what POST /widget/session answered
let bank = null;
let closing = false;

// post sends a message to the page. Before the options have come only
// {ifameLoaded} and {close} are sent, to whoever has embedded us.
function post(message) {
  window.parent.postMessage(message, origin || "*");
}

// event tells the page where the customer is. No source documents the names.
function event(name, metadata = {}) {
  post({ event: { event_name: name, ...metadata } });
}

function show(step) {
  for (const section of document.querySelectorAll("main > section")) {
    section.hidden = section.id !== "step-" + step;
  }
  $("fail").hidden = !origin || step === "done" || step === "error";
  const heading = document.querySelector("main > section:not([hidden]) h1");
  document.title = heading.textContent.trim() + " – simulated bank window";
  heading.focus();
}

function setText(selector, text) {
  for (const element of document.querySelectorAll(selector)) element.textContent = text;
}

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

// ask posts to our own server; a refusal becomes an Error with its message.
async function ask(path, body) {
  const response = await fetch("/widget/" + path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.message || "Please try again."), { answer });
  return answer;
}

async function begin(options) {
  try {
    session = await ask("session", options);
  } catch (failure) {
    fail(failure.answer?.error || { type: "error", status: false, code: 1000, method: "Validation", message: failure.message });
    return;
  }
  setText(".app-name", session.name);
  listBanks("");
  event("OPENED");
  const again = session.banks.find((b) => b.slug === session.reauthBank);
  if (again) choose(again);
  else show("banks");
}

function fail(error) {
  post({ error });
  $("error-message").textContent = `${error.message} (${error.code})`;
  show("error");
}

function listBanks(wanted) {
  const found = session.banks.filter((b) => b.name.toLowerCase().includes(wanted.trim().toLowerCase()));
  $("banks").replaceChildren(...found.map(bankItem));
  $("no-bank").hidden = found.length > 0;
}

function bankItem(b) {
  const badge = make("span", { className: "badge", ariaHidden: "true" }, b.name[0]);
  badge.style.background = b.colour;
  const button = make("button", { type: "button", onclick: () => choose(b) }, badge, b.name);
  button.dataset.bank = b.slug;
  return make("li", {}, button);
}

function choose(b) {
  bank = b;
  setText(".bank-name", b.name);
  setText(".error", "");
  $("login-form").reset();
  $("hints").replaceChildren(...b.logins.map(hint));
  event("BANK_SELECTED", { bank: b.slug });
  show("login");
}

function hint(login) {
  const fill = () => {
    $("username").value = login.username;
    $("password").value = login.password;
    $("sign-in").focus();
  };
  return make("li", {},
    make("span", {}, make("b", {}, login.username), " with password ", make("b", {}, login.password)),
    make("button", { type: "button", className: "plain", onclick: fill, ariaLabel: "Use " + login.username }, "Use"));
}

// onSubmit runs a step of the form and shows a refusal in its error line.
function onSubmit(form, error, work) {
  $(form).addEventListener("submit", async (submitted) => {
    submitted.preventDefault();
    const button = submitted.submitter || $(form).querySelector(".primary");
    $(error).textContent = "";
    button.disabled = true;
    try {
      await work();
    } catch (failure) {
      $(error).textContent = failure.message;
    }
    button.disabled = false;
  });
}

async function signIn() {
  await ask("login", { session: session.session, bank: bank.slug, username: $("username").value.trim(), password: $("password").value });
  $("otp-form").reset();
  event("SIGNED_IN", { bank: bank.slug });
  show("otp");
}

async function confirmCode() {
  const { accounts } = await ask("otp", { session: session.session, otp: $("otp").value.trim() });
  $("accounts").replaceChildren(...accounts.map(accountItem));
  event("ACCOUNTS_LISTED", { bank: bank.slug });
  show("accounts");
}

function accountItem(a) {
  const chosen = session.reauthAccount === a.nuban; // sharing is a choice: nothing else is ticked beforehand
  const box = make("input", { type: "checkbox", name: "account", value: a.nuban, checked: chosen });
  const text = make("span", {}, make("b", {}, `${a.type} ${a.nuban}`), make("small", {}, a.name));
  const label = make("label", { className: "account" }, box, text);
  if (a.balance) {
    const money = new Intl.NumberFormat("en-NG", { style: "currency", currency: a.currency });
    label.append(make("span", { className: "money" }, money.format(a.balance)));
  }
  return label;
}

async function share() {
  const nubans = [...document.querySelectorAll("input[name=account]:checked")].map((box) => box.value);
  const { success } = await ask("share", { session: session.session, nubans });
  if (!success) { // the LostSuccess scenario
    close();
    return;
  }
  event("CONNECTED", { bank: bank.slug });
  post(success);
  show("done");
  setTimeout(close, 5000);
}

function close() {
  if (closing) return;
  closing = true;
  if (origin) post({ beforeClose: true });
  post({ close: true });
}

$("close").addEventListener("click", close);
$("done").addEventListener("click", close);
$("back").addEventListener("click", () => show("banks"));
$("search").addEventListener("input", () => listBanks($("search").value));
$("fail").addEventListener("click", () =>
  fail({ type: "error", status: false, code: 1012, method: "Processed Killed", message: "The process was killed after inactivity. This is a simulated error." }));
onSubmit("login-form", "login-error", signIn);
onSubmit("otp-form", "otp-error", confirmCode);
onSubmit("share-form", "share-error", share);
document.addEventListener("keydown", (key) => { if (key.key === "Escape") close(); });

window.addEventListener("message", (message) => {
  if (message.source !== window.parent || origin || typeof message.data !== "object") return;
  origin = message.origin;
  begin(message.data);
});
post({ ifameLoaded: true });
