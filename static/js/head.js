// The film's head in 3D: made when somebody asks, shown in step with the film's own sound, turned by mouse, finger and keys, and
// seen through a headset where there is one. three.js is loaded only then.
import { ask } from "./common.js";

const LOOK_AGAIN_MS = 700;
const UNDER_WAY = ["queued", "running"];
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const KEY_TURN = 0.12; // radians a key press
const KEY_NEARER = 0.9;
const FURTHEST_UP = 1.2; // radians
const HEADSET_PLACE = [0, 1.5, -0.8]; // metres from the floor under whoever wears it

class HeadView {
  constructor(box) {
    this.box = box;
    this.said = box.querySelector("[data-head-said]");
    this.button = box.querySelector("[data-head-show]");
    this.file = box.querySelector("[data-head-file]");
    this.headset = box.querySelector("[data-head-vr]");
    this.sound = box.querySelector("[data-head-sound]");
    this.stage = box.querySelector("[data-head-stage]");
    this.canvas = box.querySelector("canvas");
    box.hidden = false; // without scripts it could do nothing
    this.button.addEventListener("click", () => this.show());
  }

  async show() {
    this.button.disabled = true;
    this.said.textContent = this.said.dataset.making;
    this.stage.hidden = false;
    this.stage.classList.add("coming");
    try {
      const head = await this.made();
      this.file.href = `${head.links.file}?download=1`;
      this.file.hidden = false;
      await this.open(head.links.file);
      this.button.hidden = true;
      this.said.textContent = "";
    } catch (error) {
      this.stage.hidden = true;
      this.said.textContent = error.message;
      this.button.disabled = false;
    }
    this.stage.classList.remove("coming");
  }

  /** The head, once it is there. Throws an Error with the sentence that says why it can't be. */
  async made() {
    let head = await ask("POST", this.box.dataset.head);
    while (UNDER_WAY.includes(head.state)) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      head = await ask("GET", head.links.self);
    }
    if (head.state !== "done") throw new Error(head.error);
    return head;
  }

  async open(file) {
    const three = await import("../vendor/three/three.bundle.js");
    try {
      this.renderer = new three.WebGLRenderer({ canvas: this.canvas, antialias: true, alpha: true });
    } catch {
      throw new Error(this.said.dataset.unable);
    }
    this.box.querySelector("[data-head-how]").hidden = false;
    this.scene = new three.Scene();
    this.camera = new three.PerspectiveCamera(24, 1, 0.01, 20);
    this.camera.position.set(0, 0.01, 0.95);
    const loader = new three.GLTFLoader().register((parser) => {
      parser.textureLoader = new three.TextureLoader(parser.options.manager); // the page's policy lets pictures in, and no fetch
      return { name: "pictures" };
    });
    const loaded = await loader.loadAsync(file);
    this.head = loaded.scene;
    this.scene.add(this.head);
    this.mixer = new three.AnimationMixer(this.head);
    if (loaded.animations.length) this.mixer.clipAction(loaded.animations[0]).play();
    this.controls = new three.OrbitControls(this.camera, this.canvas);
    Object.assign(this.controls, { enablePan: false, minDistance: 0.4, maxDistance: 2.5 });
    this.sound.src = this.box.dataset.sound;
    this.sound.hidden = false;
    this.canvas.addEventListener("keydown", (event) => this.pressed(event));
    new ResizeObserver(() => this.fit()).observe(this.stage);
    this.fit();
    this.renderer.setAnimationLoop(() => this.draw());
    await this.offerHeadset();
  }

  fit() {
    if (this.renderer.xr.isPresenting) return;
    const { clientWidth, clientHeight } = this.stage;
    this.renderer.setPixelRatio(Math.min(devicePixelRatio, 2));
    this.renderer.setSize(clientWidth, clientHeight, false);
    this.camera.aspect = clientWidth / clientHeight;
    this.camera.updateProjectionMatrix();
  }

  /** The head does what it does at the sound's own time, so that neither runs away from the other. */
  draw() {
    this.mixer.setTime(this.sound.currentTime);
    this.controls.update();
    this.renderer.render(this.scene, this.camera);
    this.canvas.dataset.shown = this.sound.currentTime.toFixed(3);
  }

  pressed(event) {
    const turn = ARROWS[event.key];
    const nearer = { "+": KEY_NEARER, "=": KEY_NEARER, "-": 1 / KEY_NEARER }[event.key];
    if (!turn && !nearer) return;
    event.preventDefault();
    const { position } = this.camera;
    const away = position.length() * (nearer || 1);
    const [across, down] = turn || [0, 0];
    const around = Math.atan2(position.x, position.z) + across * KEY_TURN;
    const up = Math.asin(position.y / position.length()) - down * KEY_TURN;
    const height = Math.max(-FURTHEST_UP, Math.min(FURTHEST_UP, up));
    const distance = Math.max(this.controls.minDistance, Math.min(this.controls.maxDistance, away));
    position.set(
      distance * Math.cos(height) * Math.sin(around),
      distance * Math.sin(height),
      distance * Math.cos(height) * Math.cos(around),
    );
  }

  async offerHeadset() {
    const there = navigator.xr && await navigator.xr.isSessionSupported("immersive-vr").catch(() => false);
    if (!there) return;
    this.headset.hidden = false;
    this.headset.addEventListener("click", () => this.putOn());
  }

  async putOn() {
    try {
      const session = await navigator.xr.requestSession("immersive-vr", { optionalFeatures: ["local-floor"] });
      this.renderer.xr.enabled = true;
      session.addEventListener("end", () => this.takenOff());
      await this.renderer.xr.setSession(session);
      this.head.position.set(...HEADSET_PLACE);
      this.sound.play();
    } catch (error) {
      this.said.textContent = error.message;
    }
  }

  takenOff() {
    this.renderer.xr.enabled = false;
    this.head.position.set(0, 0, 0);
    this.camera.position.set(0, 0.01, 0.95);
    this.fit();
  }
}

for (const box of document.querySelectorAll("[data-head]")) new HeadView(box);
