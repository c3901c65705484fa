//! Every word the window says, in one place, so that a translation replaces this module's functions
//! and no panel. Layer and parameter names (`layer2.1.conv1`, F(x), α) are not translated.

/// Declares functions that return a fixed text.
macro_rules! texts {
    ($($name:ident: $text:expr;)*) => {
        $(pub fn $name() -> &'static str { $text })*
    };
}

pub mod scope;

texts! {
    app_name: "Skipscope";

    // Transport.
    run: "Run";
    pause: "Pause";
    run_again: "Run again";
    step: "Step";
    restart: "Restart";
    theme: "Theme";
    help: "Help";
    run_hint: "Train until the recipe's last step (Space)";
    run_waits: "There is no network to train yet: build one, or wait until its kernels are compiled.";
    pause_hint: "Stop after the step in progress (Space). Nothing is lost; Run goes on from there.";
    step_hint: "Train one step: one batch forward, backward, update (S)";
    restart_hint: "Back to initial weights, drawn from the same seed (R)";
    theme_hint: "Dark or light (T)";
    help_hint: "Keys, and how to read the picture (?)";
    epoch: "Epoch";
    epoch_hint: "Passes over the training pictures: the one in progress, of how many";
    step_label: "Step";
    step_readout_hint: "Updates of the weights so far; one batch each";
    images_per_s: "Images/s";
    images_per_s_hint: "Training throughput over the last seconds: forward, backward and update";
    left: "Left";
    left_hint: "Time to the recipe's last step at the present speed";
    adapter: "Adapter";
    adapter_hint: "What WebGPU runs the compute shaders on";

    // Network.
    network: "Network";
    network_hint: "Depth as the papers count it: convolutions on the main path and the classifier. ResNet-20 to 110 are the CIFAR networks of He et al. 2015, §4.2; 18 to 152 those of Table 1. A plain network has the same layers without skips.";
    residual_group: "Residual";
    plain_group: "Plain: the same layers, no skips";
    parameters: "Parameters";
    parameters_hint: "Trainable numbers, all of them";
    macs: "MACs / image";
    macs_hint: "Multiply-accumulates of one image's forward pass. A training step costs about three times as much for each image.";
    gpu_memory: "GPU memory";
    gpu_memory_hint: "Buffers allocated on the GPU: pictures, weights, activations, gradients, momentum";
    shortcut: "Shortcut";
    shortcut_hint: "What runs beside the branch where the shape changes.";
    shortcut_a: "A";
    shortcut_b: "B";
    shortcut_none: "none";
    shortcut_a_hint: "Option A: every second pixel, new channels filled with zeros. No parameters.";
    shortcut_b_hint: "Option B: a 1×1 convolution where the shape changes, identity elsewhere.";
    shortcut_none_hint: "No skips: the plain twin with the same layers.";
    batch_norm: "batch norm";
    batch_norm_hint: "Normalise each channel over the batch after every convolution. Without it, each convolution gets a bias.";

    // Data.
    data: "Data";
    data_hint: "Pictures to train on. shapes10 is generated on your machine; a CIFAR-10 archive (.tar.gz) can be opened, or dropped on the window.";
    data_counts_hint: "Pictures in the training and the test split";
    no_data: "none yet";
    open_archive: "Open archive…";
    shapes10: "shapes10";

    // Recipe.
    recipe: "Recipe";
    learning_rate: "Learning rate";
    learning_rate_hint: "Step size of stochastic gradient descent. Takes effect at the next step.";
    schedule_constant: "constant";
    schedule_step: "step";
    schedule_cosine: "cosine";
    schedule_constant_hint: "The same learning rate all the way.";
    schedule_step_hint: "A tenth from half of the run on, a hundredth from three quarters on.";
    schedule_cosine_hint: "Half a cosine down to zero.";
    schedule_plot_hint: "Learning rate over the run; the dot is now.";
    batch: "Batch";
    batch_hint: "Images in a step. A larger batch gives a steadier gradient and takes more memory. Needs a build.";
    momentum: "Momentum";
    momentum_hint: "How much of the last update is kept in the next.";
    weight_decay: "Weight decay";
    weight_decay_hint: "L2 penalty: this times the weight is added to its gradient.";
    epochs: "Epochs";
    epochs_hint: "Passes over the training pictures until the run ends.";
    seed: "Seed";
    seed_hint: "Initial weights, order of the pictures and augmentation follow from it. Needs a build.";
    init: "Init";
    init_torch: "PyTorch";
    init_he: "He";
    init_torch_hint: "Uniform in ±1/√fan_in, PyTorch's default. Needs a build.";
    init_he_hint: "Normal with standard deviation √(2/fan_in), He et al. 2015. Needs a build.";
    nesterov: "Nesterov";
    nesterov_hint: "Look ahead along the momentum before the gradient is applied.";
    augment: "crop + flip";
    augment_hint: "Shift each training picture by up to 4 pixels and mirror half of them.";
    build_hint: "Lay out the network, compile its kernels, draw initial weights";
    build_same: "This network is built. Change something above to build another.";

    // Files.
    evaluate: "Evaluate";
    evaluate_hint: "Measure loss and accuracy on the whole test split now (E)";
    save: "Save";
    save_hint: "Weights and optimiser state as a safetensors file with torchvision's names";
    load: "Load";
    load_hint: "Continue from a safetensors file; it can also be dropped on the window";
    drop_here: "Drop a CIFAR-10 archive (.tar.gz) or a checkpoint (.safetensors)";
    archive_filter: "CIFAR-10 archive";
    checkpoint_filter: "safetensors checkpoint";

    // The network's picture.
    measured: "one batch, forward and backward";
    arc_caption: "arc width: share through the skip";
    card_caption_skip: "skip";
    card_caption_branch: "F(x)";
    card_caption_plain_rest: ", rms";
    card_caption_rest: "\ninto ⊕, rms";
    plain_caption: "no skips: everything goes through F(x)";
    gradient: "Gradient norm";
    gradient_caption: "each layer, now";
    backward: "← backward";
    gradient_hint: "Length of the loss's gradient with respect to each layer's weights, ‖∂L/∂W‖, in the last step. Log axis; it grows by whole decades and never shrinks.";
    first_by_last: "first ÷ last conv";
    norm_symbol: "‖∂L/∂W‖";
    no_network: "No network yet. Choose one on the left and press Build.";

    // Charts.
    train_loss: "train loss";
    test_loss: "test loss";
    test_accuracy: "test accuracy";
    train_loss_hint: "Mean cross-entropy of the training batches, smoothed over about 25 steps. The thin line is every batch.";
    test_loss_hint: "Mean cross-entropy over the whole test split, after each epoch. Random guessing over 10 classes gives 2.303.";
    test_accuracy_hint: "Share of the test split whose largest logit is the right class, after each epoch";
    loss: "Loss";
    accuracy: "Accuracy";
    lines_caption: "line train · dashes test";
    log_axis: "log";
    log_axis_hint: "Logarithmic loss axis: equal distances are equal factors";
    loss_empty: "The loss of each batch will appear here. Space starts training.";
    accuracy_empty: "Accuracy will appear here. E measures the test split.";
    train: "train";
    test: "test";

    // States.
    waiting_for_gpu: "waiting for the GPU";
    compiling_starts: "compiling kernels";
    evaluating: "evaluating the test split";
    restart_button: "Restart";
    lower_lr: "Lower the learning rate";
    lower_lr_hint: "A tenth of the learning rate, then restart from initial weights";
    start_again: "Start again";
    dismiss: "Dismiss";
    close: "Close";

    // Help.
    help_title: "Keys";
    help_reading: "How to read the picture";
    help_arc: "The amber arc is the skip. Its width is the share of the signal into ⊕ that came through it: rms(α·x) ÷ (rms(α·x) + rms(F(x))).";
    help_card: "In each card: amber is what the skip brings to ⊕, blue what the branch F(x) adds. All cards share one scale.";
    help_bar: "Rose is backward: the length of each layer's gradient, on a log axis that never shrinks.";
    help_curve: "Colour is the run, dash is the split: solid is training, dashed with hollow dots is the test split.";
}

/// The keys and what they do, for the help.
pub fn keys() -> [(&'static str, &'static str); 6] {
    [
        ("Space", "run or pause"),
        ("S", "train one step"),
        ("R", "restart from initial weights"),
        ("E", "evaluate the test split"),
        ("T", "dark or light"),
        ("?", "this help"),
    ]
}

pub fn compiling(done: usize, of: usize) -> String {
    format!("compiling {done} of {of} kernels")
}

pub fn fetching(name: &str, done: &str, of: &str) -> String {
    format!("{name}: {done} of {of}")
}

pub fn opening(name: &str) -> String {
    format!("reading {name}")
}

pub fn build(title: &str) -> String {
    format!("Build {title}")
}

pub fn of(total: &str) -> String {
    format!(" / {total}")
}

pub fn classes(n: usize, names: &str) -> String {
    format!("{n} classes: {names}")
}

pub fn counts(train: &str, test: &str) -> String {
    format!("{train} / {test}")
}

pub fn largest_by_smallest(ratio: &str) -> String {
    format!("largest {ratio} × smallest")
}

pub fn slow(time: &str) -> String {
    format!("One step takes {time} here; a smaller network is ready.")
}

pub fn use_network(title: &str) -> String {
    format!("Use {title}")
}

pub fn diverged(step: &str, what: &str) -> String {
    format!("Training stopped at step {step}: {what}.")
}

pub fn device_lost(why: &str) -> String {
    format!("The graphics device is gone ({why}). Its weights are lost; saved checkpoints are not.")
}

pub fn saved(name: &str) -> String {
    format!("Saved {name}")
}

pub fn loaded(step: &str) -> String {
    format!("Checkpoint loaded; training goes on at step {step}.")
}

pub fn finished(steps: &str) -> String {
    format!("All {steps} steps of the recipe are done.")
}

pub fn save_failed(why: &str) -> String {
    format!("The file could not be written: {why}")
}

pub fn read_failed(name: &str, why: &str) -> String {
    format!("{name} could not be read: {why}")
}

/// Several of the same message.
pub fn times(n: usize) -> String {
    format!(" (× {n})")
}

/// For a screen reader: one block.
pub fn block_label(name: &str, share: &str) -> String {
    format!("{name}, skip share {share}")
}

/// For a screen reader: one bar.
pub fn bar_label(name: &str, norm: &str) -> String {
    format!("{name}.weight, gradient norm {norm}")
}

/// Lines of a block's hover text: what, and its value.
pub fn block_details() -> [&'static str; 5] {
    ["share through the skip", "skip α·x", "branch F(x)", "sum x + F(x)", "output, after ReLU"]
}

pub fn block_kind(projected: bool, residual: bool) -> &'static str {
    match (residual, projected) {
        (false, _) => "no skip",
        (true, true) => "1×1 projection skip",
        (true, false) => "identity skip",
    }
}

pub fn moments(mean: &str, std: &str) -> String {
    format!("{mean} ± {std}")
}

pub fn bar_details() -> [&'static str; 2] {
    ["gradient norm ‖∂L/∂W‖", "weight norm ‖W‖"]
}

pub fn chart_point(series: &str, step: &str, value: &str) -> String {
    format!("{series} {value}\nstep {step}")
}
