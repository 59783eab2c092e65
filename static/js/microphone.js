// The person's sound on its way to the avatar: a microphone is asked for only when it is turned on, a sound file counts as one.

const POST_MS = 200;
const MOST_WAITING = 5; // pieces that wait while the line is slow; older ones are of no use any more

/** The microphone's stream. Throws an Error whose message is the name of a text: why there is none. */
export async function openMicrophone(constraints) {
  if (!navigator.mediaDevices?.getUserMedia) throw new Error("live_mic_unsafe");
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: constraints });
  } catch (error) {
    throw new Error(error.name === "NotFoundError" || error.name === "OverconstrainedError" ? "live_mic_missing" : "live_mic_refused");
  }
}

/** Send the stream's sound: along the WebRTC connection where there is one, else in posts. Gives what ends that. */
export async function send(sound, session, connection) {
  const [track] = sound.getAudioTracks();
  if (connection.sender) {
    await connection.sender.replaceTrack(track);
    return () => connection.sender.replaceTrack(null).catch(() => {});
  }
  const context = new AudioContext();
  await context.audioWorklet.addModule(new URL("./pcm_worklet.js", import.meta.url));
  const node = new AudioWorkletNode(context, "pcm", { numberOfOutputs: 0, processorOptions: { piece_ms: POST_MS } });
  const posts = new Posts(session.address("microphone"));
  node.port.onmessage = (event) => posts.give(event.data);
  context.createMediaStreamSource(sound).connect(node);
  return () => {
    posts.end();
    context.close().catch(() => {});
  };
}

/** One post after the other, in order. */
class Posts {
  constructor(address) {
    this.address = address;
    this.waiting = [];
    this.busy = false;
    this.over = false;
  }

  give(piece) {
    this.waiting.push(piece);
    if (this.waiting.length > MOST_WAITING) this.waiting.shift();
    if (!this.busy) this.go();
  }

  async go() {
    this.busy = true;
    while (this.waiting.length && !this.over) {
      const body = this.waiting.shift();
      const options = { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body, credentials: "same-origin" };
      try {
        const answer = await fetch(this.address, options);
        if (answer.status === 404) this.over = true;
      } catch {
        // the line broke; the next piece tries again
      }
    }
    this.busy = false;
  }

  end() {
    this.over = true;
  }
}
