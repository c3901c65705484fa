// Pictures of the user's own: pasted, dropped on the window, or taken with a camera. The browser decodes
// them; the app gets pixels.

import { CAMERA, languages } from './texts.js';

/** Pixels along a side that the app gets at most; the data's pictures have 32. */
const SIDE = 256;

/**
 * Decodes, crops to the square in the middle, and hands over.
 * @param {import('./api.js').Module} module
 * @param {string} name
 * @param {ImageBitmapSource} image
 */
export async function handOver(module, name, image) {
  const bitmap = await createImageBitmap(image).catch((error) => {
    throw new Error(`${name}: this browser cannot read it as a picture (${error.message})`);
  });
  const crop = Math.min(bitmap.width, bitmap.height);
  const side = Math.min(crop, SIDE);
  const canvas = new OffscreenCanvas(side, side);
  const context = canvas.getContext('2d');
  if (!context) {
    throw new Error(`${name}: this browser lends no canvas to read it with`);
  }
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, (bitmap.width - crop) / 2, (bitmap.height - crop) / 2, crop, crop, 0, 0, side, side);
  bitmap.close();
  module.picture(name, side, new Uint8Array(context.getImageData(0, 0, side, side).data.buffer));
}

/**
 * Listens for pictures that are pasted or dropped, and makes the camera available to the app.
 * @param {import('./api.js').Module} module
 */
export function takePictures(module) {
  const take = (/** @type {string} */ name, /** @type {ImageBitmapSource} */ image) =>
    handOver(module, name, image).catch((error) => module.failed(error.message));
  // Before the app's own listeners: pasted it wants text, and dropped archives.
  window.addEventListener(
    'paste',
    (event) => {
      const file = [...(event.clipboardData?.files ?? [])].find((f) => f.type.startsWith('image/'));
      if (file) {
        event.preventDefault();
        event.stopPropagation();
        take(file.name || 'pasted', file);
      }
    },
    { capture: true },
  );
  window.addEventListener(
    'drop',
    (event) => {
      const file = [...(event.dataTransfer?.files ?? [])].find((f) => f.type.startsWith('image/'));
      if (file) {
        event.preventDefault();
        event.stopPropagation();
        take(file.name, file);
      }
    },
    { capture: true },
  );
  Object.assign(window, {
    skipscope_camera: () => camera((image) => take('camera', image)),
    skipscope_decode: (/** @type {string} */ name, /** @type {Uint8Array} */ bytes) => take(name, new Blob([new Uint8Array(bytes)])),
    skipscope_pick() {
      const input = document.createElement('input');
      Object.assign(input, { type: 'file', accept: 'image/*' });
      input.addEventListener('change', () => {
        const file = input.files?.[0];
        if (file) {
          take(file.name, file);
        }
      });
      input.click();
    },
  });
}

/** @param {(image: ImageBitmapSource) => void} take */
async function camera(take) {
  const words = CAMERA[languages()[0]];
  const box = document.createElement('dialog');
  box.className = 'camera';
  const video = document.createElement('video');
  Object.assign(video, { autoplay: true, muted: true, playsInline: true });
  const message = document.createElement('p');
  message.setAttribute('role', 'status');
  const button = (/** @type {string} */ text) => {
    const made = document.createElement('button');
    made.type = 'button';
    made.textContent = text;
    return made;
  };
  const shoot = button(words.take);
  shoot.className = 'action';
  shoot.disabled = true;
  const cancel = button(words.cancel);
  box.append(video, message, shoot, cancel);
  document.body.append(box);
  box.showModal();
  /** @type {MediaStream | undefined} */
  let stream;
  box.addEventListener('close', () => {
    stream?.getTracks().forEach((track) => track.stop());
    box.remove();
  });
  cancel.addEventListener('click', () => box.close());
  shoot.addEventListener('click', async () => {
    take(await createImageBitmap(video));
    box.close();
  });
  try {
    if (!navigator.mediaDevices) {
      throw new DOMException('', 'NotFoundError');
    }
    stream = await navigator.mediaDevices.getUserMedia({ video: { width: 512, height: 512 } });
    video.srcObject = stream;
    await video.play();
    shoot.disabled = false;
  } catch (error) {
    const name = /** @type {DOMException} */ (error).name;
    message.textContent = name === 'NotAllowedError' ? words.refused : name === 'NotFoundError' ? words.none : words.failed(String(error));
  }
}
