// One message as one bubble. Data reaches the page as text nodes only, never as markup.

import { fileAddress } from "/page/wire.js";
import { clockTime, t } from "/page/texts.js";

/** Make an element with a class, text and children. */
export function element(name, className = "", ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

const STYLES = {
  bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote", spoiler: "span",
};

/** Return text with its Bot API entities as nodes. `acts` has command(text) and link(address). */
export function formatted(text, entities, acts) {
  const root = document.createDocumentFragment();
  const stack = [{ node: root, end: text.length }];
  const sorted = [...(entities ?? [])].sort((a, b) => a.offset - b.offset || b.length - a.length);
  let at = 0;
  const write = (until) => {
    while (at < until) {
      while (stack.length > 1 && stack.at(-1).end <= at) stack.pop();
      const stop = Math.min(until, stack.at(-1).end);
      stack.at(-1).node.append(text.slice(at, stop));
      at = stop;
    }
    while (stack.length > 1 && stack.at(-1).end <= at) stack.pop();
  };
  for (const entity of sorted) {
    write(entity.offset);
    const node = styled(entity, text.substr(entity.offset, entity.length), acts);
    stack.at(-1).node.append(node);
    stack.push({ node, end: entity.offset + entity.length });
  }
  write(text.length);
  return root;
}

function styled(entity, words, acts) {
  if (entity.type === "bot_command") {
    // Not a <button>: inside running text that would be a box that never breaks nor hugs its full stop.
    const command = element("a", "inline-command");
    command.setAttribute("role", "button");
    command.tabIndex = 0;
    command.onclick = () => acts.command(words);
    command.onkeydown = (event) => { if (event.key === "Enter") acts.command(words); };
    return command;
  }
  if (entity.type === "url" || entity.type === "text_link") {
    const address = entity.url ?? (/^https?:/.test(words) ? words : `https://${words}`);
    return anchor(address, acts);
  }
  const node = element(STYLES[entity.type] ?? "span");
  if (entity.type === "spoiler") {
    node.className = "spoiler";
    node.onclick = () => node.classList.add("shown");
  }
  return node;
}

function anchor(address, acts) {
  const link = element("a");
  if (/^https?:\/\//.test(address)) link.href = address;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  link.onclick = (event) => {
    if (acts.link(address)) event.preventDefault();
  };
  return link;
}

/** Return the row of one message: bubble and inline keyboard. */
export function bubble(message, view, acts) {
  const payload = message.payload;
  const service = serviceText(payload);
  if (service) return element("div", "service", element("span", "", service));
  const own = !message.from_bot && payload.from.id === view.personId;
  const row = element("div", `row ${own ? "out" : "in"}`);
  const box = element("div", "bubble");
  if (!own && !message.from_bot) box.append(element("p", "from", payload.from.first_name));
  if (payload.forward_origin) {
    box.append(element("p", "from", t("forwarded", { name: payload.forward_origin.sender_user.first_name })));
  }
  if (payload.reply_to_message) {
    box.append(element("p", "quote", payload.reply_to_message.text ?? payload.reply_to_message.caption ?? "…"));
  }
  if (payload.photo) box.append(picture(payload, acts));
  if (payload.document) box.append(documentLine(payload.document));
  if (payload.contact) box.append(contactCard(payload.contact));
  const text = payload.text ?? payload.caption;
  if (text) {
    const entities = payload.entities ?? payload.caption_entities;
    box.append(element("div", "text", formatted(text, entities, acts)));
  }
  if (payload.footer) box.append(element("p", "footer", payload.footer));
  if (payload.photo && !text) box.classList.add("bare");
  box.append(meta(message, own, acts));
  row.append(box);
  const rows = payload.reply_markup?.inline_keyboard;
  if (rows) row.append(payload.list_button ? list(payload.list_button, rows, message, acts) : inlineKeyboard(rows, message, acts));
  return row;
}

function serviceText(payload) {
  if (payload.new_chat_members) return t("joined");
  if (payload.migrate_to_chat_id || payload.migrate_from_chat_id) return t("migrated");
  return "";
}

function meta(message, own, acts) {
  const payload = message.payload;
  const line = element("span", "meta");
  if (message.from_bot && payload.text) {
    const arrow = element("button", "pencil", "↩");
    arrow.type = "button";
    arrow.title = t("reply");
    arrow.setAttribute("aria-label", t("reply"));
    arrow.onclick = () => acts.reply(message);
    line.append(arrow);
  }
  if (own && (payload.text || payload.caption)) {
    const pencil = element("button", "pencil", "✎");
    pencil.type = "button";
    pencil.title = t("edit");
    pencil.setAttribute("aria-label", t("edit"));
    pencil.onclick = () => acts.edit(message);
    line.append(pencil);
  }
  if (payload.has_protected_content) {
    const lock = element("span", "lock", "🔒");
    lock.title = t("protectedContent");
    line.append(lock);
  }
  if (payload.edit_date) line.append(`${t("edited")} `);
  line.append(clockTime(new Date(payload.date * 1000)));
  const seen = payload.read || !payload.whatsapp_id;
  if (own) line.append(element("span", seen ? "ticks" : "ticks unread", " ✓✓"));
  return line;
}

function picture(payload, acts) {
  const largest = payload.photo.at(-1);
  const button = element("button", "picture");
  button.type = "button";
  button.setAttribute("aria-label", t("enlarge"));
  const image = element("img");
  image.src = fileAddress(largest.file_id);
  image.width = largest.width;
  image.height = largest.height;
  image.alt = payload.caption ?? "";
  image.loading = "lazy";
  button.append(image);
  button.onclick = () => acts.enlarge(image.src, image.alt);
  return button;
}

function documentLine(document_) {
  const link = element("a", "document");
  link.href = fileAddress(document_.file_id);
  link.download = document_.file_name ?? "file";
  link.setAttribute("aria-label", t("download", { name: link.download }));
  const kind = (document_.file_name ?? "").split(".").pop().slice(0, 4).toUpperCase();
  const size = document_.file_size ?? 0;
  const shown = size < 1024 * 1024 ? `${Math.max(1, Math.round(size / 1024))} kB` : `${(size / 1048576).toFixed(1)} MB`;
  link.append(
    element("span", "kind", kind || "📄"),
    element("span", "names", element("span", "file-name", link.download), element("span", "dim", shown)),
  );
  return link;
}

function contactCard(contact) {
  const initials = (contact.first_name[0] ?? "") + (contact.last_name?.[0] ?? "");
  const name = [contact.first_name, contact.last_name].filter(Boolean).join(" ");
  return element(
    "div", "contact",
    element("span", "avatar small", initials),
    element("span", "names", element("b", "", name), element("span", "dim", `+${contact.phone_number}`)),
  );
}

function inlineKeyboard(rows, message, acts) {
  const board = element("div", "inline");
  for (const buttons of rows) {
    const line = element("div", "inline-row");
    for (const button of buttons) {
      const key = element("button", `inline-key ${button.style ?? ""}`, element("span", "", button.text));
      key.type = "button";
      if (button.url) key.append(element("span", "corner", "↗"));
      if (button.copy_text) key.append(element("span", "corner", "⧉"));
      key.onclick = () => acts.tap(message, button, key);
      line.append(key);
    }
    board.append(line);
  }
  return board;
}

/** Return WhatsApp's list: a key that opens the rows. */
function list(label, rows, message, acts) {
  const board = element("details", "list", element("summary", "inline-key", `☰ ${label}`));
  board.ontoggle = () => { if (board.open) board.scrollIntoView({ block: "end", behavior: "smooth" }); };
  for (const button of rows.flat()) {
    const row = element("button", "list-row", element("b", "", button.text));
    row.type = "button";
    if (button.description) row.append(element("span", "dim", button.description));
    row.onclick = () => { board.open = false; acts.tap(message, button, row); };
    board.append(row);
  }
  return board;
}
