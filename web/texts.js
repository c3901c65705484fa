// What the page says before and beside the app, in English and Chinese. The app has its own texts.

/**
 * Why the page cannot go on.
 * @typedef {'insecure' | 'browser' | 'flag' | 'adapter' | 'download' | 'start' | 'panic' | 'device-lost'} Kind
 */

/**
 * One problem in one language: what happened, what to do, and what the button does. Text in `backticks`
 * is something to type.
 * @typedef {{ title: string, what: string, todo: string[], action: string }} Text
 */

/** @type {Record<Kind, { en: Text, zh: Text }>} */
export const PROBLEMS = {
  insecure: {
    en: {
      title: 'This address is not secure',
      what: 'Browsers lend the GPU to a page only over https, or from this very computer.',
      todo: ['Open the page with `https://` in front.', 'On your own computer, open it as `http://localhost`.'],
      action: 'Open with https',
    },
    zh: {
      title: '当前地址不安全',
      what: '浏览器只允许通过 https 或本机打开的网页使用 GPU。',
      todo: ['请用 `https://` 开头的地址打开本页。', '在自己的电脑上，请用 `http://localhost` 打开。'],
      action: '用 https 打开',
    },
  },
  browser: {
    en: {
      title: 'This browser is too old, or has WebGPU switched off',
      what: 'Skipscope trains on your GPU through WebGPU, which this browser does not offer. Any of these does:',
      todo: [
        'Chrome or Edge 113 or newer; on Android, Chrome 121',
        'Firefox 141 or newer on Windows, 145 on a Mac with Apple silicon; elsewhere set `dom.webgpu.enabled` in `about:config`',
        'Safari 26 or newer; on iPhone and iPad every browser needs iOS 26',
      ],
      action: 'Try again',
    },
    zh: {
      title: '浏览器版本过旧，或未启用 WebGPU',
      what: 'Skipscope 通过 WebGPU 在您的 GPU 上训练，而当前浏览器不支持。请改用以下任一浏览器：',
      todo: [
        'Chrome 或 Edge 113 及以上版本；安卓系统需 Chrome 121',
        'Firefox：Windows 需 141 及以上版本，Apple 芯片的 Mac 需 145；其他系统请在 `about:config` 中启用 `dom.webgpu.enabled`',
        'Safari 26 及以上版本；iPhone 和 iPad 上的所有浏览器都需要 iOS 26',
      ],
      action: '重试',
    },
  },
  flag: {
    en: {
      title: 'WebGPU is switched off in this browser',
      what: 'On Linux, Chrome and its relatives lend the GPU only when asked to.',
      todo: [
        'Open `chrome://flags/#enable-unsafe-webgpu`, choose Enabled, and restart the browser.',
        'If it is enabled already: switch on hardware acceleration in the settings, and install your GPU’s Vulkan driver (Debian, Ubuntu: `mesa-vulkan-drivers`).',
        '`chrome://gpu` says what is missing.',
      ],
      action: 'Try again',
    },
    zh: {
      title: '浏览器未启用 WebGPU',
      what: '在 Linux 上，Chrome 及同类浏览器默认不向网页开放 GPU。',
      todo: [
        '打开 `chrome://flags/#enable-unsafe-webgpu`，选择 Enabled，然后重启浏览器。',
        '如果已经启用：请在设置中打开硬件加速，并安装显卡的 Vulkan 驱动（Debian、Ubuntu：`mesa-vulkan-drivers`）。',
        '`chrome://gpu` 会显示缺少什么。',
      ],
      action: '重试',
    },
  },
  adapter: {
    en: {
      title: 'The browser refuses this GPU',
      what: 'It knows WebGPU but offers no GPU: the driver is on its block list, hardware acceleration is off, or this is a remote or virtual machine.',
      todo: [
        'Switch on hardware acceleration in the browser’s settings and restart it.',
        'Update the graphics driver, then the browser.',
        'Try another browser: each keeps its own block list. In Chrome and Edge, `chrome://gpu` gives the reason.',
      ],
      action: 'Try again',
    },
    zh: {
      title: '浏览器拒绝使用此 GPU',
      what: '浏览器支持 WebGPU，但没有提供可用的 GPU：驱动可能在其屏蔽名单中，硬件加速可能已关闭，或这是远程或虚拟机。',
      todo: [
        '请在浏览器设置中打开硬件加速，然后重启浏览器。',
        '更新显卡驱动，再更新浏览器。',
        '换一个浏览器试试：各浏览器的屏蔽名单不同。在 Chrome 和 Edge 中，`chrome://gpu` 会说明原因。',
      ],
      action: '重试',
    },
  },
  download: {
    en: {
      title: 'The page did not load completely',
      what: 'A file did not arrive. The connection may have broken, or the page has just been replaced by a newer one.',
      todo: ['Reload. If it happens again, tell whoever runs this site what stands below.'],
      action: 'Reload',
    },
    zh: {
      title: '页面未能完整加载',
      what: '有文件未能下载。可能是网络中断，或页面刚刚更新。',
      todo: ['请重新加载。如果再次出现，请将下面的内容告知网站管理者。'],
      action: '重新加载',
    },
  },
  start: {
    en: {
      title: 'Skipscope could not start',
      what: 'The GPU was found, but starting on it failed.',
      todo: ['Close other tabs that use the GPU and reload.', 'Update the browser and the graphics driver.'],
      action: 'Reload',
    },
    zh: {
      title: 'Skipscope 无法启动',
      what: '已找到 GPU，但启动失败。',
      todo: ['请关闭其他占用 GPU 的标签页，然后重新加载。', '请更新浏览器和显卡驱动。'],
      action: '重新加载',
    },
  },
  panic: {
    en: {
      title: 'Skipscope has crashed',
      what: 'This is a mistake in the program, not something you did. What was trained since it was last kept is lost.',
      todo: ['Reload to start afresh.', 'A report with the text below helps to mend it.'],
      action: 'Reload',
    },
    zh: {
      title: 'Skipscope 崩溃了',
      what: '这是程序的错误，与您的操作无关。上次自动保存之后的训练结果已丢失。',
      todo: ['请重新加载，重新开始。', '将下面的内容反馈给我们，有助于修复。'],
      action: '重新加载',
    },
  },
  'device-lost': {
    en: {
      title: 'The GPU went away',
      what: 'The driver was reset or updated, memory ran out, or the computer slept. What was trained since it was last kept is lost.',
      todo: ['Reload to start afresh.', 'If it happens again, choose a smaller network or batch.'],
      action: 'Reload',
    },
    zh: {
      title: 'GPU 已断开',
      what: '可能是驱动被重置或更新、显存不足，或电脑进入过睡眠。上次自动保存之后的训练结果已丢失。',
      todo: ['请重新加载，重新开始。', '如果再次出现，请选择更小的网络或批次。'],
      action: '重新加载',
    },
  },
};

/** While loading. Megabytes come with one decimal. */
export const LOADING = {
  en: {
    received: (/** @type {string} */ done, /** @type {string} */ all) => `${done} of ${all} MB`,
    starting: 'starting on your GPU …',
  },
  zh: {
    received: (/** @type {string} */ done, /** @type {string} */ all) => `已下载 ${done} / ${all} MB`,
    starting: '正在 GPU 上启动……',
  },
};

/** @typedef {'en' | 'zh'} Language */

/**
 * The reader's language first, then the other: which of the two an unknown reader understands, we cannot
 * tell, and a problem must be understood.
 * @returns {[Language, Language]}
 */
export function languages() {
  return /^zh\b/i.test(navigator.language || '') ? ['zh', 'en'] : ['en', 'zh'];
}

/** What a screen reader is told about the app, which draws into a canvas. */
export const TWIN = {
  en: {
    title: 'Skipscope in words',
    buttons: { run: 'Run', pause: 'Pause', step: 'Train one step', restart: 'Restart from initial weights', evaluate: 'Evaluate the test split' },
    phases: {
      empty: 'starting', compiling: 'compiling kernels', idle: 'paused', running: 'training', evaluating: 'evaluating',
      finished: 'finished', diverged: 'diverged', lost: 'the GPU is gone',
    },
    status: (/** @type {string} */ model, /** @type {string} */ phase, /** @type {number} */ step, /** @type {string} */ loss, /** @type {string} */ accuracy) =>
      `${model}, ${phase}, step ${step}, training loss ${loss}, test accuracy ${accuracy}`,
    network: 'Network', data: 'Data', epoch: 'Epoch', step: 'Step', trainLoss: 'Training loss', testLoss: 'Test loss',
    testAccuracy: 'Test accuracy', speed: 'Speed', picture: 'Picture', block: 'Chosen block',
    chosen: (/** @type {string} */ name, /** @type {number} */ n, /** @type {number} */ of, /** @type {string} */ share, /** @type {string} */ norm) =>
      `${name}, block ${n} of ${of}, skip share ${share}, gradient norm ${norm}`,
    perSecond: (/** @type {number} */ n) => `${n} images per second`,
    prediction: (/** @type {string} */ best, /** @type {string} */ p, /** @type {string | null} */ label) =>
      `taken for ${best} (${p})${label === null ? '' : `, is ${label}`}`,
    gradients: 'Gradient norm of each layer in the last step',
  },
  zh: {
    title: 'Skipscope 文字版',
    buttons: { run: '运行', pause: '暂停', step: '训练一步', restart: '从初始权重重新开始', evaluate: '评估测试集' },
    phases: {
      empty: '正在启动', compiling: '正在编译内核', idle: '已暂停', running: '正在训练', evaluating: '正在评估', finished: '已完成',
      diverged: '已发散', lost: 'GPU 设备已丢失',
    },
    status: (/** @type {string} */ model, /** @type {string} */ phase, /** @type {number} */ step, /** @type {string} */ loss, /** @type {string} */ accuracy) =>
      `${model}，${phase}，第 ${step} 步，训练损失 ${loss}，测试准确率 ${accuracy}`,
    network: '网络', data: '数据', epoch: '轮次', step: '步', trainLoss: '训练损失', testLoss: '测试损失',
    testAccuracy: '测试准确率', speed: '速度', picture: '图像', block: '选中的块',
    chosen: (/** @type {string} */ name, /** @type {number} */ n, /** @type {number} */ of, /** @type {string} */ share, /** @type {string} */ norm) =>
      `${name}，第 ${n} 块（共 ${of} 块），捷径占比 ${share}，梯度范数 ${norm}`,
    perSecond: (/** @type {number} */ n) => `每秒 ${n} 张图`,
    prediction: (/** @type {string} */ best, /** @type {string} */ p, /** @type {string | null} */ label) =>
      `预测为 ${best}（${p}）${label === null ? '' : `，实际为 ${label}`}`,
    gradients: '上一步各层的梯度范数',
  },
};

/** The camera's dialog. */
export const CAMERA = {
  en: {
    take: 'Take the picture',
    cancel: 'Cancel',
    refused: 'The browser was not allowed to use the camera. Allow it in the address bar, then try again.',
    none: 'No camera was found. Browsers lend one only over https or from this very computer.',
    failed: (/** @type {string} */ why) => `The camera does not start: ${why}`,
  },
  zh: {
    take: '拍照',
    cancel: '取消',
    refused: '浏览器未获准使用摄像头。请在地址栏中允许后重试。',
    none: '未找到摄像头。浏览器只允许通过 https 或本机打开的网页使用摄像头。',
    failed: (/** @type {string} */ why) => `摄像头无法启动：${why}`,
  },
};

/** A newer version of the page has arrived. */
export const UPDATE = {
  en: { ready: 'A new version is ready.', action: 'Reload' },
  zh: { ready: '新版本已就绪。', action: '重新加载' },
};

/** What can be gone on from after a failure. */
export const RESUME = {
  en: {
    kept: (/** @type {number} */ step, /** @type {number} */ back) =>
      `The run was kept at step ${step.toLocaleString('en')}, ${back.toLocaleString('en')} ${back === 1 ? 'step' : 'steps'} back.`,
    action: (/** @type {number} */ step) => `Go on from step ${step.toLocaleString('en')}`,
  },
  zh: {
    kept: (/** @type {number} */ step, /** @type {number} */ back) =>
      `训练已自动保存到第 ${step.toLocaleString('en')} 步，比中断时少 ${back.toLocaleString('en')} 步。`,
    action: (/** @type {number} */ step) => `从第 ${step.toLocaleString('en')} 步继续`,
  },
};
