// The visitor's camera, asked for only when it is wanted.

/** The camera, and the microphone where that is wanted. Throws an Error whose message is the name of a text: why there is none. */
export async function openCamera(video, withSound = false) {
  if (!navigator.mediaDevices?.getUserMedia) throw new Error("camera_unsafe");
  try {
    return await navigator.mediaDevices.getUserMedia({ video, audio: withSound });
  } catch (error) {
    if (error.name === "NotFoundError" || error.name === "OverconstrainedError") throw new Error("camera_missing");
    throw new Error(error.name === "NotReadableError" || error.name === "AbortError" ? "camera_busy" : "camera_refused");
  }
}
