// A film that goes on: fragments of MP4 as they come, given to Media Source and played close to where they end.

const BEHIND_S = 2.0; // further behind than this, it jumps ahead
const LEAD_S = 0.4;
const KEPT_S = 30;

/** Play the stream at that address; gives what ends it. lost: called where it ends by itself. Throws where the browser can't. */
export async function playFragments(address, video, isOver, lost) {
  const Source = window.MediaSource || window.ManagedMediaSource;
  if (!Source) throw new Error("no Media Source");
  const stopped = new AbortController();
  const answer = await fetch(address, { credentials: "same-origin", signal: stopped.signal });
  if (!answer.ok) throw new Error(String(answer.status));
  const reader = answer.body.getReader();
  const head = await readHead(reader);
  const type = `video/mp4; codecs="${codecsOf(head).join(", ")}"`;
  if (!Source.isTypeSupported(type)) {
    stopped.abort();
    throw new Error(type);
  }
  const media = new Source();
  video.disableRemotePlayback = true;
  video.src = URL.createObjectURL(media);
  await new Promise((resolve) => media.addEventListener("sourceopen", resolve, { once: true }));
  const player = new Player(video, media.addSourceBuffer(type));
  player.give(head);
  player.follow(reader, isOver).catch(() => {}).then(() => { // ended from here or from there
    if (!stopped.signal.aborted && !isOver()) lost();
  });
  return () => {
    stopped.abort();
    URL.revokeObjectURL(video.src);
    video.removeAttribute("src");
    video.load();
  };
}

class Player {
  constructor(video, buffer) {
    this.video = video;
    this.buffer = buffer;
    this.waiting = [];
    buffer.addEventListener("updateend", () => this.go());
  }

  async follow(reader, isOver) {
    while (!isOver()) {
      const { value, done } = await reader.read();
      if (done) return;
      this.give(value);
    }
  }

  give(bytes) {
    this.waiting.push(bytes);
    this.go();
  }

  go() {
    const { buffer, video } = this;
    if (buffer.updating) return;
    const ranges = buffer.buffered;
    if (ranges.length) {
      const end = ranges.end(ranges.length - 1);
      const start = ranges.start(ranges.length - 1);
      if (video.currentTime < start) video.currentTime = start;
      if (end - video.currentTime > BEHIND_S) video.currentTime = end - LEAD_S;
      if (ranges.start(0) < video.currentTime - KEPT_S) {
        buffer.remove(0, video.currentTime - KEPT_S / 2);
        return;
      }
    }
    if (!this.waiting.length) return;
    const all = joined(this.waiting);
    this.waiting = [];
    buffer.appendBuffer(all);
  }
}

/** What comes before the first fragment, and whatever came with it. */
async function readHead(reader) {
  const pieces = [];
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error("the stream ended before it began");
    pieces.push(value);
    const head = joined(pieces);
    if (placeOf(head, "moof") >= 0) return head;
  }
}

/** The codecs by the boxes of the head, as RFC 6381 writes them. */
export function codecsOf(head) {
  const found = [];
  const avc = placeOf(head, "avcC");
  if (avc >= 0) found.push(`avc1.${[...head.slice(avc + 5, avc + 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`);
  if (placeOf(head, "mp4a") >= 0) found.push("mp4a.40.2");
  else if (placeOf(head, "Opus") >= 0) found.push("opus");
  return found;
}

function placeOf(bytes, name) {
  const signs = [...name].map((sign) => sign.charCodeAt(0));
  for (let place = 0; place <= bytes.length - 4; place += 1) {
    if (signs.every((sign, offset) => bytes[place + offset] === sign)) return place;
  }
  return -1;
}

function joined(pieces) {
  if (pieces.length === 1) return pieces[0];
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let place = 0;
  for (const piece of pieces) {
    all.set(piece, place);
    place += piece.length;
  }
  return all;
}
