// The avatar seen and heard: by WebRTC, else by fragmented MP4 for Media Source, else by single pictures.
import { ask } from "./common.js";
import { playFragments } from "./live_fragments.js";

const GATHERING_MS = 2000;
const CONNECTED_MS = 8000;
const KEPT_MS = 80; // so much is kept back: a browser that decides by itself changes it by leaps, and lips leave their sound

/**
 * Connect; gives `{ kind, sender, close }`: kind `webrtc`, `mp4`, `mjpeg` or `none`; sender: of the microphone, by WebRTC.
 * lost: called once where the connection breaks off by itself. only: the one way that is tried.
 */
export async function connect(session, video, pictures, lost, only = "") {
  for (const way of [byWebRtc, byFragments, byPictures]) {
    if (only && way.kind !== only) continue;
    try {
      return await way(session, video, pictures, lost);
    } catch (error) {
      if (session.over) throw error;
    }
  }
  return { kind: "none", sender: null, close() {} };
}

byWebRtc.kind = "webrtc";
async function byWebRtc(session, video, pictures, lost) {
  if (!window.RTCPeerConnection) throw new Error("no WebRTC");
  const peer = new RTCPeerConnection();
  try {
    const heard = new MediaStream();
    peer.addEventListener("track", (event) => heard.addTrack(event.track));
    peer.addTransceiver("video", { direction: "recvonly" });
    const audio = peer.addTransceiver("audio", { direction: "sendrecv" });
    for (const receiver of peer.getReceivers()) receiver.jitterBufferTarget = KEPT_MS;
    await peer.setLocalDescription(await peer.createOffer());
    await within(GATHERING_MS, gathered(peer)).catch(() => {}); // what was found by then goes along
    const answer = await ask("POST", session.links.offer, { sdp: peer.localDescription.sdp, type: "offer" });
    await peer.setRemoteDescription(answer);
    video.srcObject = heard;
    await within(CONNECTED_MS, seen(video));
    const tell = () => {
      if (peer.connectionState !== "failed") return; // what is only disconnected may come back
      peer.removeEventListener("connectionstatechange", tell);
      lost();
    };
    peer.addEventListener("connectionstatechange", tell);
    const close = () => {
      peer.close();
      video.srcObject = null;
    };
    return { kind: "webrtc", sender: audio.sender, close };
  } catch (error) {
    peer.close();
    video.srcObject = null;
    throw error;
  }
}

byFragments.kind = "mp4";
async function byFragments(session, video, pictures, lost) {
  const close = await playFragments(session.links.mp4, video, () => session.over, lost);
  try {
    await within(CONNECTED_MS, seen(video));
  } catch (error) {
    close();
    throw error;
  }
  return { kind: "mp4", sender: null, close };
}

byPictures.kind = "mjpeg";
async function byPictures(session, video, pictures) {
  const shown = new Promise((resolve, reject) => {
    pictures.addEventListener("load", resolve, { once: true });
    pictures.addEventListener("error", reject, { once: true });
  });
  const close = () => {
    pictures.hidden = true;
    pictures.removeAttribute("src");
    video.hidden = false;
  };
  video.hidden = true;
  pictures.hidden = false;
  pictures.src = session.links.mjpeg;
  try {
    await within(CONNECTED_MS, shown);
  } catch (error) {
    close();
    throw error;
  }
  return { kind: "mjpeg", sender: null, close };
}

function gathered(peer) {
  return new Promise((resolve) => {
    const look = () => peer.iceGatheringState === "complete" && resolve();
    peer.addEventListener("icegatheringstatechange", look);
    look();
  });
}

function seen(video) {
  return new Promise((resolve, reject) => {
    if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) resolve();
    video.addEventListener("loadeddata", resolve, { once: true });
    video.addEventListener("error", () => reject(video.error), { once: true });
  });
}

function within(milliseconds, promise) {
  const late = new Promise((resolve, reject) => setTimeout(() => reject(new Error("too late")), milliseconds));
  return Promise.race([promise, late]);
}
