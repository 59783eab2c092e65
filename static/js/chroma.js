// Takes the green ground out of a video: what is left is drawn on a canvas, transparent where the green was.

const SOLID = 14; // by how much green may exceed the other two in what is surely no ground, and
const LEAST_SHARE = 0.6; // what is thinner than that is not brightened any more
const CLEAR = 170; // from where on it is nothing but ground; between the two it is an edge, or hair

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

/** The pixels with their share of green as transparency, and what shines through of it taken off the rest. */
export function withoutGreen(pixels) {
  for (let place = 0; place < pixels.length; place += 4) {
    const most = Math.max(pixels[place], pixels[place + 2]);
    const excess = pixels[place + 1] - most;
    if (excess <= 0) continue;
    pixels[place + 1] = most;
    if (excess <= SOLID) continue;
    const share = Math.max(0, (CLEAR - excess) / (CLEAR - SOLID)); // of what stands before the green, which has darkened the others
    pixels[place + 3] = Math.round(255 * share);
    if (share > 0) for (let colour = 0; colour < 3; colour += 1) pixels[place + colour] = Math.min(255, pixels[place + colour] / Math.max(share, LEAST_SHARE));
  }
}
