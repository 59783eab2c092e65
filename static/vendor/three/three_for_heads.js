// What of three.js the 3D view of heads uses; README.md beside this file says how `three.bundle.js` is made from it.
export { AnimationMixer, PerspectiveCamera, Scene, TextureLoader, WebGLRenderer } from "three";
export { GLTFLoader } from "three/examples/jsm/loaders/GLTFLoader.js";
export { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
