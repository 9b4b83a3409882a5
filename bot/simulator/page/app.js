// The page: the bar, which phones are shown, and the dialogs they share.

import { avatar, Phone } from "/page/phone.js";
import { element } from "/page/bubbles.js";
import { call, watch } from "/page/wire.js";
import { clockTime, day, language, t, toggleLanguage } from "/page/texts.js";

const $ = (id) => document.getElementById(id);
const stage = $("stage");
const shown = JSON.parse(localStorage.getItem("genting.phones") ?? "[]");
let world = { people: [], groups: [], bot: {}, whatsapp: {} };
let clockAhead = 0;
let phones = [];
let active = null;

const shared = {
  state: () => world,
  focus: (phone) => { active = phone; },
  change(phone, choice) {
    shown[phones.indexOf(phone)] = choice;
    localStorage.setItem("genting.phones", JSON.stringify(shown));
    follow();
  },
  enlarge(source, alt) {
    const image = $("viewer").querySelector("img");
    image.src = source;
    image.alt = alt;
    $("viewer").showModal();
  },
  alert(text) {
    $("alert-text").textContent = text;
    $("alert").showModal();
  },
  /** Offer to open a link to the bot on somebody's phone; return false for any other link. */
  link(address) {
    if (payloadOf(address) === null) return false;
    openLinkDialog(address);
    return true;
  },
  attach: askHowToSend,
};

/** Return what a link to the bot brings along: "" for nothing, null when it is no such link. */
function payloadOf(address) {
  const whatsapp = /^(?:https?:\/\/)?wa\.me\/(\d+)(?:\?text=(.*))?$/.exec(address.trim());
  if (whatsapp) {
    const text = decodeURIComponent(whatsapp[2] ?? "").trim();
    return whatsapp[1] === world.whatsapp.number ? text.replace(/^kode /, "kode-") : null;
  }
  const found = /^(?:https?:\/\/)?t\.me\/([A-Za-z0-9_]+)(?:\?start=([A-Za-z0-9_-]{1,64}))?$/.exec(address.trim());
  return found && found[1].toLowerCase() === world.bot.username.toLowerCase() ? found[2] ?? "" : null;
}

function openLinkDialog(address) {
  $("link-url").value = address;
  $("link-error").hidden = true;
  const visible = phones.map((phone) => phone.choice.person);
  const people = [...world.people].sort((a, b) => visible.includes(b.id) - visible.includes(a.id));
  $("link-people").replaceChildren(...people.map((person) => {
    const name = `${person.first_name} ${person.last_name}`.trim();
    const choice = element("button", "choice", avatar(person), element("b", "", name), element("span", "dim", person.label));
    choice.type = "button";
    choice.onclick = () => openLink(person.id);
    return choice;
  }));
  $("link").showModal();
}

function openLink(personId) {
  const typed = $("link-url").value.trim();
  const payload = /^[A-Za-z0-9_-]{1,64}$/.test(typed) ? typed : payloadOf(typed);
  $("link-error").hidden = payload !== null;
  if (payload === null) return;
  $("link").close();
  let phone = phones.find((other) => other.choice.person === personId);
  if (!phone) {
    phone = phones.includes(active) ? active : phones.at(-1);
    phone.hold({ person: personId, chat: personId });
  }
  phone.begin(payload);
}

function askHowToSend(file) {
  const dialog = $("attach");
  const preview = $("attach-preview");
  const isPicture = /^image\/(jpeg|png|webp|gif|bmp)$/.test(file.type);
  const address = isPicture ? URL.createObjectURL(file) : "";
  preview.hidden = !isPicture;
  if (isPicture) preview.src = address;
  $("attach-name").textContent = file.name;
  $("attach-caption").value = "";
  $("attach-photo").hidden = !isPicture;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.onclose = () => {
      if (address) URL.revokeObjectURL(address);
      resolve({ how: dialog.returnValue, caption: $("attach-caption").value });
    };
  });
}

function places() {
  const width = document.documentElement.clientWidth;
  return width >= 1120 ? 3 : width >= 760 ? 2 : 1;
}

function defaultChoices() {
  // One of each role first: the three who meet in the programme.
  const roles = new Map();
  for (const person of world.people) if (!roles.has(person.label)) roles.set(person.label, person);
  return [...roles.values(), ...world.people].map((person) => ({ person: person.id, chat: person.id }));
}

function layOut() {
  const count = Math.min(places(), world.people.length);
  const defaults = defaultChoices();
  for (let index = 0; index < count; index += 1) {
    const known = world.people.some((person) => person.id === shown[index]?.person);
    if (!known) {
      const taken = shown.slice(0, count).map((choice) => choice?.person);
      shown[index] = defaults.find((choice) => !taken.includes(choice.person)) ?? defaults[0];
    }
  }
  while (phones.length > count) phones.pop().remove();
  while (phones.length < count) {
    const phone = new Phone($("phone-template"), shown[phones.length], shared);
    phones.push(phone);
    stage.append(phone.root);
  }
  for (const phone of phones) phone.refresh();
}

function follow() {
  watch(phones.map((phone) => phone.choice.chat), {
    state(state) {
      world = state;
      setTime(state.now);
      $("moves").hidden = state.clock_moves === null;
      const before = phones.length;
      layOut();
      if (phones.length !== before) follow();
    },
    chat(view) {
      for (const phone of phones) if (phone.choice.chat === view.id) phone.show(view);
    },
    time: (event) => setTime(event.now),
    online(yes) { $("offline").hidden = yes; },
  });
}

function setTime(now) {
  clockAhead = new Date(now) - new Date();
  tick();
}

function tick() {
  const now = new Date(Date.now() + clockAhead);
  $("clock").dateTime = now.toISOString();
  $("clock").textContent = `${clockTime(now)} ${t("zone")}`;
  $("date").textContent = day(now);
}

function label() {
  document.documentElement.lang = language;
  const words = {
    "open-link": "openLink", "new-person": "newPerson", language: "otherLanguage", offline: "offline",
    "link-title": "linkTitle", "link-help": "linkHelp", "link-label": "linkLabel", "link-where": "linkWhere",
    "link-error": "linkBad", "link-cancel": "cancel", "alert-ok": "ok", "attach-title": "attachTitle",
    "attach-caption-label": "caption", "attach-cancel": "cancel", "attach-document": "asDocument",
    "attach-photo": "asPhoto", "move-hour": "moveHour", "move-day": "moveDay", "move-due": "moveDue",
  };
  for (const [id, key] of Object.entries(words)) $(id).textContent = t(key);
  $("viewer").querySelector("button").setAttribute("aria-label", t("close"));
  $("moves").setAttribute("aria-label", t("moves"));
  tick();
  for (const phone of phones) phone.relabel();
}

$("language").onclick = () => { toggleLanguage(); label(); };
for (const [id, wish] of Object.entries({ "move-hour": { hours: 1 }, "move-day": { days: 1 }, "move-due": { to: "due" } })) {
  $(id).onclick = () => call("POST", "clock", wish);
}
$("open-link").onclick = () => openLinkDialog("");
$("attach-cancel").onclick = () => $("attach").close("");
$("viewer").onclick = () => $("viewer").close();
$("link").querySelector("form").onsubmit = (event) => {
  if (event.submitter?.id === "link-cancel") return;
  event.preventDefault();
  if (phones[0]) openLink((phones.includes(active) ? active : phones[0]).choice.person);
};
$("new-person").onclick = async () => {
  const person = await call("POST", "people", {});
  world.people.push({ ...person, name: `${person.first_name} ${person.last_name}`.trim() });
  const phone = phones.includes(active) ? active : phones.at(-1);
  phone.hold({ person: person.id, chat: person.id });
  phone.toast(t("added", { name: person.first_name }));
};
addEventListener("resize", () => {
  if (Math.min(places(), world.people.length) !== phones.length) { layOut(); follow(); }
});
setInterval(tick, 1000);

label();
follow();
