// One phone: whose it is, the chat on its screen, and everything its holder can do.

import { bubble, element } from "/page/bubbles.js";
import { call } from "/page/wire.js";
import { day, t } from "/page/texts.js";

const NEAR = 120;

export class Phone {
  /** `choice` is {person, chat}; `shared` is what the page offers to every phone. */
  constructor(template, choice, shared) {
    this.root = template.content.firstElementChild.cloneNode(true);
    this.choice = choice;
    this.shared = shared;
    this.messages = new Map();
    this.rows = new Map();
    this.view = null;
    this.keysShown = true;
    this.editing = null;
    this.answering = null;
    this.part = (name) => this.root.querySelector(`.${name}`);
    this.#listen();
    this.relabel();
  }

  /** The holder, with a full name. */
  get person() {
    const found = this.shared.state().people.find((person) => person.id === this.choice.person);
    return { label: "", language_code: "id", ...found, name: `${found?.first_name ?? ""} ${found?.last_name ?? ""}`.trim() };
  }

  /** Whether the holder is on WhatsApp. */
  get onWhatsApp() {
    return this.person.channel === "whatsapp";
  }

  remove() {
    this.root.remove();
  }

  /** Give the phone to somebody else, or show another chat on it. */
  hold(choice) {
    this.choice = choice;
    this.view = null;
    this.messages.clear();
    this.rows.clear();
    this.part("log").replaceChildren();
    this.#stopEditing();
    this.refresh();
    this.shared.change(this, choice);
  }

  /** Show what the world knows of the holder, the bot and the groups. */
  refresh() {
    const { people, groups, bot, whatsapp } = this.shared.state();
    const person = this.person;
    this.root.dataset.channel = person.channel;
    paint(this.part("owner-avatar"), person);
    this.part("role").textContent = person.label;
    this.part("role").hidden = !person.label;
    const select = this.part("who");
    const options = people.map((other) => new Option(`${other.first_name} ${other.last_name}`.trim(), `${other.id}:${other.id}`));
    for (const group of groups.filter((group) => group.migrated_to === null)) {
      for (const member of people.filter((other) => group.members.includes(other.id))) {
        options.push(new Option(t("addressee", { name: member.first_name, group: group.title }), `${member.id}:${group.id}`));
      }
    }
    const value = `${this.choice.person}:${this.choice.chat}`;
    if ([...select.options].map((option) => option.text + option.value).join() !== options.map((option) => option.text + option.value).join()) {
      select.replaceChildren(...options);
    }
    select.value = value;
    this.part("title").textContent = this.choice.chat !== this.choice.person ? this.view?.title ?? "" : this.onWhatsApp ? whatsapp.name : bot.first_name;
    this.relabel();
    this.#controls();
  }

  /** Merge what changed in the chat, and show it. */
  show(view) {
    const first = this.view === null;
    const log = this.part("log");
    const near = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
    this.shownAnswers ??= 0;
    if (first) this.shownAnswers = view.revision;
    this.view = { ...view, personId: this.choice.person };
    for (const message of view.messages) {
      if (message.deleted) {
        this.messages.delete(message.id);
      } else if (this.messages.get(message.id)?.revision !== message.revision) {
        this.messages.set(message.id, message);
        this.rows.delete(message.id);
      }
    }
    this.#draw();
    for (const answer of view.answers) {
      if (answer.revision > this.shownAnswers && answer.person_id === this.choice.person) this.#answer(answer);
    }
    this.shownAnswers = Math.max(this.shownAnswers, view.revision);
    this.#status();
    this.#controls();
    const mine = view.messages.some((message) => !message.from_bot && message.payload?.from.id === this.choice.person);
    if (first || near || mine) this.#toNewest();
  }

  /** Put every word in the page's language. */
  relabel() {
    const name = this.person.name;
    const say = (part, text) => { this.part(part).setAttribute("aria-label", text); this.part(part).title = text; };
    say("send", t("send"));
    say("attach", t("attach"));
    say("keys", t("keyboard"));
    say("slash", t("openCommands"));
    say("more", t("more", { name }));
    say("who", t("who"));
    say("down", t("newest"));
    say("stop-editing", t("stopEditing"));
    this.part("log").setAttribute("aria-label", t("history", { name }));
    this.root.setAttribute("aria-label", name);
    this.part("slash-label").textContent = t("commands");
    const field = this.root.querySelector("textarea");
    field.placeholder = this.view?.keyboard?.input_field_placeholder ?? t("message");
    field.setAttribute("aria-label", t("messageTo", { name }));
    if (!this.answering) this.part("editing").firstElementChild.textContent = t("editing");
    this.part("do-window").textContent = t("dayPasses");
    this.part("do-window").hidden = !this.onWhatsApp;
    this.part("do-language").textContent = t("phoneLanguage", { language: this.person.language_code });
    if (this.view) {
      this.rows.clear();
      this.#draw();
      this.#status();
      this.#controls();
    }
  }

  /** Press START, perhaps with a deep link's payload. */
  begin(payload = "") {
    if (this.choice.chat !== this.choice.person) this.hold({ person: this.choice.person, chat: this.choice.person });
    return this.#do("start", { payload });
  }

  /** Show a short notice over the chat. */
  toast(text) {
    const box = this.part("toast");
    box.textContent = text;
    box.hidden = false;
    clearTimeout(this.toastTimer);
    this.toastTimer = setTimeout(() => { box.hidden = true; }, 4000);
  }

  async #do(deed, body) {
    try {
      return await call("POST", `people/${this.choice.person}/${deed}`, body instanceof Blob ? body : { ...body, chat_id: this.choice.chat });
    } catch (error) {
      this.toast(t("failed", { why: error.message }));
      return null;
    }
  }

  #listen() {
    const part = this.part;
    const field = this.root.querySelector("textarea");
    this.root.addEventListener("focusin", () => this.shared.focus(this));
    part("who").onchange = (event) => {
      const [person, chat] = event.target.value.split(":").map(Number);
      this.hold({ person, chat });
    };
    part("composer").onsubmit = (event) => { event.preventDefault(); this.#submit(field); };
    field.onkeydown = (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.#submit(field); }
      if (event.key === "Escape") this.#stopEditing();
    };
    field.oninput = () => { fit(field); this.#controls(); };
    part("begin").onclick = () => (this.view?.blocked ? this.#do("block", { blocked: false }) : this.begin());
    part("attach").onclick = () => part("file").click();
    part("file").onchange = () => this.#attach(part("file"));
    part("keys").onclick = () => { this.keysShown = !this.keysShown; this.#controls(); };
    part("slash").onclick = () => this.#toggleCommands();
    part("down").onclick = () => this.#toNewest(true);
    part("stop-editing").onclick = () => this.#stopEditing();
    part("log").onscroll = () => {
      const log = part("log");
      part("down").hidden = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR * 2;
    };
    part("more").onclick = () => this.#menu(part("menu").hidden);
    part("do-block").onclick = () => { this.#menu(false); this.#do("block", { blocked: !this.view?.blocked }); };
    part("do-language").onclick = () => this.#switchLanguage();
    part("do-window").onclick = async () => {
      this.#menu(false);
      if (await this.#do("window", {})) this.toast(t("windowClosed"));
    };
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { this.#menu(false); this.#closeCommands(); }
    });
    this.root.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !part("owner").contains(event.relatedTarget)) this.#menu(false);
    });
    part("screen").addEventListener("pointerdown", (event) => {
      this.#menu(false);
      if (!part("commands").contains(event.target) && !part("slash").contains(event.target)) this.#closeCommands();
    });
  }

  async #submit(field) {
    const text = field.value.trim();
    if (!text) return;
    field.value = "";
    fit(field);
    const sent = this.editing
      ? await this.#do("edit", { message_id: this.editing, text })
      : await this.#do("text", { text, reply_to: this.answering });
    if (sent === null) field.value = text;
    this.#stopEditing(sent === null);
    this.#controls();
  }

  #reply(message) {
    this.#stopEditing();
    this.answering = message.id;
    this.part("editing").firstElementChild.textContent = t("replying", { words: message.payload.text.slice(0, 40) });
    this.part("editing").hidden = false;
    this.root.querySelector("textarea").focus();
    this.#controls();
  }

  #edit(message) {
    const field = this.root.querySelector("textarea");
    this.answering = null;
    this.editing = message.id;
    this.part("editing").firstElementChild.textContent = t("editing");
    this.part("editing").hidden = false;
    field.value = message.payload.text ?? message.payload.caption;
    fit(field);
    field.focus();
    this.#controls();
  }

  #stopEditing(keepText = false) {
    if (!this.editing && !this.answering) return;
    const edited = this.editing !== null;
    this.editing = null;
    this.answering = null;
    this.part("editing").hidden = true;
    if (edited && !keepText) this.root.querySelector("textarea").value = "";
    this.#controls();
  }

  async #attach(input) {
    const file = input.files[0];
    input.value = "";
    if (!file) return;
    const { how, caption } = await this.shared.attach(file);
    if (how !== "photo" && how !== "document") return;
    const query = new URLSearchParams({ caption, name: file.name, type: file.type || "application/octet-stream", chat_id: this.choice.chat });
    await this.#do(`${how}?${query}`, file);
  }

  async #tap(message, button, key) {
    if (button.url) {
      if (!this.shared.link(button.url)) open(button.url, "_blank", "noopener");
    } else if (button.copy_text) {
      await navigator.clipboard?.writeText(button.copy_text.text);
      this.toast(t("copied"));
    } else if (button.callback_data) {
      key.classList.add("waiting");
      setTimeout(() => key.classList.remove("waiting"), 3000);
      await this.#do("tap", { message_id: message.id, data: button.callback_data });
    }
  }

  #answer(answer) {
    for (const key of this.root.querySelectorAll(".waiting")) key.classList.remove("waiting");
    if (!answer.text) return;
    if (answer.alert) this.shared.alert(answer.text);
    else this.toast(answer.text);
  }

  #draw() {
    const acts = {
      command: (text) => this.#do("text", { text }),
      link: (address) => this.shared.link(address),
      enlarge: (source, alt) => this.shared.enlarge(source, alt),
      edit: (message) => this.#edit(message),
      reply: (message) => this.#reply(message),
      tap: (message, button, key) => this.#tap(message, button, key),
    };
    const nodes = [];
    let before = "";
    for (const message of [...this.messages.values()].sort((a, b) => a.id - b.id)) {
      const date = day(new Date(message.payload.date * 1000), "long");
      if (date !== before) nodes.push(element("div", "service day", element("span", "", date)));
      before = date;
      if (!this.rows.has(message.id)) this.rows.set(message.id, bubble(message, this.view, acts));
      nodes.push(this.rows.get(message.id));
    }
    if (nodes.length === 0 && this.view) nodes.push(this.#welcome());
    const log = this.part("log");
    const focused = document.activeElement;
    const top = log.scrollTop;
    log.replaceChildren(...nodes);
    log.scrollTop = top;
    if (focused && log.contains(focused)) focused.focus({ preventScroll: true });
  }

  #welcome() {
    if (this.choice.chat !== this.choice.person) return element("div", "service", element("span", "", t("groupHelp")));
    const { bot } = this.shared.state();
    return element(
      "div", "welcome",
      element("h3", "", t("welcome")),
      ...(this.person.started ? [] : [element("p", "", this.#greeting(bot))]),
      ...(this.person.hint ? [element("p", "hint", this.person.hint)] : []),
    );
  }

  #greeting(bot) {
    const name = this.person.first_name;
    return this.onWhatsApp ? t("welcomeWhatsApp", { name }) : bot.description || t("welcomeHelp", { name });
  }

  #status() {
    const { typing, blocked, kind } = this.view;
    clearTimeout(this.typingTimer);
    const words = kind !== "private" ? t("group") : this.onWhatsApp ? t("business") : t("bot");
    const busy = typing === "typing" ? t("typing") : typing ? t("uploading") : "";
    this.part("status").textContent = blocked ? t("blocked") : busy || words;
    this.part("status").classList.toggle("busy", Boolean(busy) && !blocked);
    if (busy) this.typingTimer = setTimeout(() => { this.view.typing = ""; this.#status(); }, 5000);
  }

  #controls() {
    const view = this.view;
    const fresh = view !== null && view.kind === "private" && !view.started && !this.onWhatsApp;
    const shut = view !== null && (fresh || view.blocked);
    this.part("composer").hidden = shut;
    this.part("begin").hidden = !shut;
    this.part("begin").textContent = view?.blocked ? t("unblock") : t("start");
    this.part("do-block").textContent = view?.blocked ? t("unblockMenu") : t("block");
    const keyboard = view?.keyboard?.keyboard;
    this.part("keys").hidden = !keyboard;
    this.part("keys").setAttribute("aria-pressed", String(this.keysShown));
    this.part("keyboard").hidden = !keyboard || !this.keysShown || shut;
    if (keyboard) this.#keys(keyboard);
    const field = this.root.querySelector("textarea");
    this.root.classList.toggle("writing", field.value.trim() !== "");
    field.placeholder = view?.keyboard?.input_field_placeholder ?? t("message");
  }

  #keys(rows) {
    const drawn = JSON.stringify(rows);
    if (this.drawnKeys === drawn) return;
    this.drawnKeys = drawn;
    this.part("keyboard").replaceChildren(...rows.map((row) => element("div", "key-row", ...row.map((key) => {
      const label = typeof key === "string" ? key : key.text;
      const button = element("button", `key ${key.style ?? ""}`, label);
      button.type = "button";
      button.onclick = () => (key.request_contact ? this.#do("contact", {}) : this.#do("text", { text: label }));
      if (key.request_contact) button.title = t("shareContact");
      return button;
    }))));
  }

  async #toggleCommands() {
    const sheet = this.part("commands");
    if (!sheet.hidden) { this.#closeCommands(); return; }
    const commands = await call("GET", `people/${this.choice.person}/commands?chat_id=${this.choice.chat}`);
    sheet.replaceChildren(...commands.map((command) => {
      const line = element("button", "command", element("b", "", `/${command.command}`), element("span", "", command.description));
      line.type = "button";
      line.onclick = () => { this.#closeCommands(); this.#do("text", { text: `/${command.command}` }); };
      return line;
    }));
    if (commands.length === 0) sheet.append(element("p", "dim", t("noCommands")));
    sheet.hidden = false;
    this.part("slash").setAttribute("aria-expanded", "true");
    sheet.querySelector("button")?.focus();
  }

  #closeCommands() {
    this.part("commands").hidden = true;
    this.part("slash").setAttribute("aria-expanded", "false");
  }

  #menu(open) {
    this.part("menu").hidden = !open;
    this.part("more").setAttribute("aria-expanded", String(open));
    if (open) this.part("do-block").focus();
  }

  async #switchLanguage() {
    this.#menu(false);
    const language_code = this.person.language_code === "id" ? "en" : "id";
    await call("PATCH", `people/${this.choice.person}`, { language_code });
    this.toast(t("phoneLanguage", { language: language_code }));
  }

  #toNewest(smooth = false) {
    const log = this.part("log");
    requestAnimationFrame(() => log.scrollTo({ top: log.scrollHeight, behavior: smooth ? "smooth" : "instant" }));
  }
}

/** Return an avatar of somebody. */
export function avatar(person) {
  const node = element("span", "avatar small");
  paint(node, person);
  return node;
}

function paint(node, person) {
  node.textContent = person.emoji || (person.first_name?.[0] ?? "") + (person.last_name?.[0] ?? "");
  node.style.backgroundColor = person.colour || "#5b6b8c";
  node.classList.toggle("pictured", Boolean(person.emoji));
}

function fit(field) {
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight, 120)}px`;
}
