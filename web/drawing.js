// What makes a drawing of the window cheap, and seldom enough, where the adapter is a CPU: there it takes its
// cores from training, and what is queued before it delays what somebody waits for.

const SAMPLE = 'return textureSample(r_tex_color, r_tex_sampler, in.tex_coord);';

// Most of what egui fills has one colour: the texture's first texel, which is white. A software adapter runs
// both sides of an `if`, but skips a loop that no pixel of a quad enters.
const SAMPLE_UNLESS_WHITE = `
        var texel = vec4<f32>(1.0);
        var samples = select(0u, 1u, in.tex_coord.x + in.tex_coord.y > 0.0);
        loop {
            if samples == 0u { break; }
            texel = textureSampleLevel(r_tex_color, r_tex_sampler, in.tex_coord, 0.0);
            samples -= 1u;
        }
        return texel;`;

/** What is replaced in egui's fragment shader, by what. @type {[string, string][]} */
const SIMPLER = [
  // A way of sampling for egui's own tests.
  ['if r_locals.predictable_texture_filtering == 0 {', 'if true {'],
  // No gradient here is so smooth that eight bits show as bands.
  ['if r_locals.dithering == 1 {', 'if false {'],
  [SAMPLE, SAMPLE_UNLESS_WHITE],
];

/** Takes out of egui's fragment shader what a software adapter would compute for every pixel in vain. */
export function simplifyDrawing() {
  if (!('GPUDevice' in window)) {
    return;
  }
  const { createShaderModule } = GPUDevice.prototype;
  GPUDevice.prototype.createShaderModule = function (descriptor) {
    let { code } = descriptor;
    if (code.includes('predictable_texture_filtering')) {
      for (const [part, simpler] of SIMPLER) {
        if (!code.includes(part)) {
          console.error(`egui’s shader is another one now, without "${part}": look at simplifyDrawing() again`);
        }
        code = code.replaceAll(part, simpler);
      }
    }
    return createShaderModule.call(this, { ...descriptor, code });
  };
}

/** What somebody does that wants an answer. */
const ACTS = ['pointerdown', 'pointerup', 'keydown', 'wheel', 'input'];

/**
 * Has the app say when it may be drawn: egui asks for several drawings after each event, and a browser would
 * queue them all.
 * @param {import('./api.js').Module} module
 */
export function governDrawing(module) {
  const { requestAnimationFrame: request, cancelAnimationFrame: cancel } = window;
  let acted = false;
  for (const act of ACTS) {
    window.addEventListener(act, () => (acted = true), { capture: true, passive: true });
  }
  /** By the number that was given out, the number of the frame that is waited for. @type {Map<number, number>} */
  const frames = new Map();
  window.requestAnimationFrame = (draw) => {
    /** @type {FrameRequestCallback} */
    const whenItMay = (time) => {
      // Said once: the app gives way to the drawing for a while, not for as long as it is asked.
      const now = acted;
      acted = false;
      if (module.may_draw(now)) {
        frames.delete(number);
        draw(time);
      } else {
        frames.set(number, request.call(window, whenItMay));
      }
    };
    const number = request.call(window, whenItMay);
    frames.set(number, number);
    return number;
  };
  window.cancelAnimationFrame = (number) => {
    cancel.call(window, frames.get(number) ?? number);
    frames.delete(number);
  };
}
