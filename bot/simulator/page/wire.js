// Talking to the simulator: deeds by fetch, changes by Server-Sent Events.

/** Do something; return the answer, or throw an Error with the simulator's reason. */
export async function call(method, path, body) {
  const options = { method };
  if (body instanceof Blob) {
    options.body = body;
  } else if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = { "Content-Type": "application/json" };
  }
  const response = await fetch(`/control/${path}`, options);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

/** Return where a picture or document is. */
export function fileAddress(fileId) {
  return `/control/files/${encodeURIComponent(fileId)}`;
}

let source = null;

/** Watch the world and some chats; a new call replaces the watch. `on` has state, chat, time and online. */
export function watch(chats, on) {
  if (source) source.close();
  source = new EventSource(`/control/events?chats=${chats.join(",")}`);
  for (const kind of ["state", "chat", "time"]) {
    source.addEventListener(kind, (event) => on[kind](JSON.parse(event.data)));
  }
  source.onopen = () => on.online(true);
  source.onerror = () => on.online(false);
}
