// Every word of the page itself; what the bot says comes from the bot.

const TEXTS = {
  id: {
    moves: "Majukan jam untuk semua", moveHour: "+1 jam", moveDay: "+1 hari", moveDue: "Ke tanggal penyaluran",
    openLink: "Buka tautan", newPerson: "Orang baru", otherLanguage: "English", zone: "WIB",
    bot: "bot", group: "grup", typing: "mengetik…", uploading: "mengirim berkas…", blocked: "diblokir",
    message: "Tulis pesan", messageTo: "Pesan dari {name}", send: "Kirim", attach: "Lampirkan foto atau berkas",
    commands: "Menu", openCommands: "Buka daftar perintah", noCommands: "Bot belum memasang perintah.",
    start: "MULAI", unblock: "BUKA BLOKIR", block: "Blokir bot", unblockMenu: "Buka blokir bot",
    more: "Pilihan untuk {name}", who: "Pilih siapa pemegang ponsel ini", phoneLanguage: "Bahasa ponsel: {language}",
    welcome: "Apa yang bisa dilakukan bot ini?", welcomeHelp: "Tekan MULAI untuk menyapa bot sebagai {name}.",
    groupHelp: "Belum ada pesan di grup ini.", edited: "diedit", edit: "Ubah pesan ini", editing: "Mengubah pesan",
    stopEditing: "Batal mengubah", reply: "Balas pesan ini", replying: "Membalas: {words}", enlarge: "Perbesar gambar", close: "Tutup", download: "Unduh {name}",
    shareContact: "Kirim nomor telepon saya", keyboard: "Tampilkan atau sembunyikan papan tombol",
    newest: "Ke pesan terbaru", history: "Percakapan {name}", today: "Hari ini", copied: "Disalin",
    linkTitle: "Buka tautan bot", linkHelp: "Tempel tautan t.me yang diberikan bot, misalnya undangan untuk keluarga.",
    linkLabel: "Tautan atau kode", linkWhere: "Buka di ponsel milik:", linkBad: "Ini bukan tautan t.me ke bot ini.",
    cancel: "Batal", ok: "Oke", attachTitle: "Kirim ke bot", asPhoto: "Kirim foto", asDocument: "Kirim sebagai berkas",
    caption: "Keterangan (boleh kosong)", contactOf: "Kontak", forwarded: "Diteruskan dari {name}",
    joined: "Bot ditambahkan ke grup", migrated: "Grup menjadi supergrup", added: "{name} siap: tekan MULAI di ponselnya.",
    offline: "Sambungan ke simulator terputus; mencoba lagi…", protectedContent: "Isi pesan ini dilindungi",
    addressee: "{name}, di grup {group}", failed: "Tidak berhasil: {why}",
    business: "akun bisnis", dayPasses: "Anggap sehari lebih tanpa pesan",
    windowClosed: "Jendela 24 jam tertutup: kabar berikutnya datang sebagai templat.",
    welcomeWhatsApp: "Tulis sapaan sebagai {name}, misalnya: halo.",
  },
  en: {
    moves: "Move everybody's clock forward", moveHour: "+1 hour", moveDay: "+1 day", moveDue: "To the next due day",
    openLink: "Open a link", newPerson: "New person", otherLanguage: "Bahasa Indonesia", zone: "WIB",
    bot: "bot", group: "group", typing: "typing…", uploading: "sending a file…", blocked: "blocked",
    message: "Write a message", messageTo: "Message from {name}", send: "Send", attach: "Attach a photo or file",
    commands: "Menu", openCommands: "Open the list of commands", noCommands: "The bot has not set any commands yet.",
    start: "START", unblock: "UNBLOCK", block: "Block the bot", unblockMenu: "Unblock the bot",
    more: "Options for {name}", who: "Choose who holds this phone", phoneLanguage: "Phone's language: {language}",
    welcome: "What can this bot do?", welcomeHelp: "Press START to greet the bot as {name}.",
    groupHelp: "No messages in this group yet.", edited: "edited", edit: "Edit this message", editing: "Editing a message",
    stopEditing: "Stop editing", reply: "Reply to this message", replying: "Replying to: {words}", enlarge: "Enlarge the picture", close: "Close", download: "Download {name}",
    shareContact: "Share my phone number", keyboard: "Show or hide the keyboard of buttons",
    newest: "To the newest message", history: "Conversation of {name}", today: "Today", copied: "Copied",
    linkTitle: "Open a bot link", linkHelp: "Paste a t.me link that the bot gave out, such as a family's invitation.",
    linkLabel: "Link or code", linkWhere: "Open on the phone of:", linkBad: "This is not a t.me link to this bot.",
    cancel: "Cancel", ok: "OK", attachTitle: "Send to the bot", asPhoto: "Send photo", asDocument: "Send as file",
    caption: "Caption (may be empty)", contactOf: "Contact", forwarded: "Forwarded from {name}",
    joined: "The bot was added to the group", migrated: "The group became a supergroup",
    added: "{name} is ready: press START on the phone.",
    offline: "Lost the simulator; trying again…", protectedContent: "This message is protected",
    addressee: "{name}, in the group {group}", failed: "It did not work: {why}",
    business: "business account", dayPasses: "Let more than a day pass without a message",
    windowClosed: "The 24-hour window is closed: the next news comes as a template.",
    welcomeWhatsApp: "Write a greeting as {name}, such as: halo.",
  },
};

export let language = localStorage.getItem("genting.language") === "en" ? "en" : "id";

/** Switch the page's language and remember it. */
export function toggleLanguage() {
  language = language === "id" ? "en" : "id";
  localStorage.setItem("genting.language", language);
}

/** Return a text of the page, its {parameters} filled in. */
export function t(key, parameters = {}) {
  return TEXTS[language][key].replace(/\{(\w+)\}/g, (_, name) => parameters[name]);
}

const ZONE = "Asia/Jakarta";

/** Return hours and minutes in WIB. */
export function clockTime(date) {
  return new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: ZONE })
    .format(date);
}

/** Return the day in WIB, spelled out. */
export function day(date, style = "full") {
  return new Intl.DateTimeFormat(language, { dateStyle: style, timeZone: ZONE }).format(date);
}
