// Takes the green ground out of a video: what is left is drawn on a canvas, transparent where the green was.

const CLEAR = 60; // by how much green must exceed the other two to be ground, and
const SOLID = 24; // up to which it is surely not; between the two it is an edge

/** Draw the video's pictures without their green on the canvas as they come; gives what ends that. */
export function keyOut(video, canvas) {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  let over = false;
  const draw = () => {
    if (over) return;
    const { videoWidth: width, videoHeight: height } = video;
    if (width && height) {
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
      context.drawImage(video, 0, 0);
      const picture = context.getImageData(0, 0, width, height);
      withoutGreen(picture.data);
      context.putImageData(picture, 0, 0);
    }
    again();
  };
  const again = () => (video.requestVideoFrameCallback ? video.requestVideoFrameCallback(draw) : requestAnimationFrame(draw));
  again();
  return () => {
    over = true;
  };
}

/** The pixels with their share of green as transparency, and without its shine at the edges. */
export function withoutGreen(pixels) {
  for (let place = 0; place < pixels.length; place += 4) {
    const most = Math.max(pixels[place], pixels[place + 2]);
    const excess = pixels[place + 1] - most;
    if (excess <= SOLID) continue;
    pixels[place + 1] = most;
    pixels[place + 3] = excess >= CLEAR ? 0 : Math.round((255 * (CLEAR - excess)) / (CLEAR - SOLID));
  }
}
