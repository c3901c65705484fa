//! Words of the microscope and of the choice of pictures.

use super::super::panels::Source;
use crate::session::SplitName;

texts! {
    title: "Microscope";
    choose_block: "Click a block in the map to look inside it, or press M to open the microscope.";
    choose_number: "Click a pixel of any map to see how its number is made.";
    waiting: "Waiting for the next look at this block.";
    open: "Open microscope ↗";
    open_hint: "Every tensor of this block, and any number worked out (Enter or M)";
    network: "Network";
    back_hint: "Back to the whole network (Escape)";
    stage_hint: "First block of this stage";
    block_hint: "The block under the microscope. Arrow keys go from block to block, or move the chosen pixel.";
    before_hint: "Block before this one (Page Up)";
    after_hint: "Next block (Page Down)";
    one_image: "one image";
    now: "now";
    broken: "▲ NaN or ∞";
    the_branch: "the branch";
    output: "output";
    shortcut_arrives: "α·shortcut(x)";
    no_skip: "No skip: everything the next block gets went through F(x).";

    conv_hint: "Convolution: each output pixel is a weighted sum over a small window of all input channels. /2: every second pixel only.";
    bn_hint: "Batch norm: subtract the channel's mean, divide by its standard deviation, then scale by γ and shift by β. For one image the running statistics are used.";
    bias_hint: "Without batch norm a learned number is added to each channel.";
    conv_bn_hint: "Convolution, then batch norm";
    relu_hint: "ReLU: what is below zero becomes zero; blue disappears.";
    branch_hint: "The residual branch: convolutions, batch norms and the ReLUs between them";
    sum_hint: "⊕ adds what comes through the skip and through the branch, number by number.";
    sum_relu_hint: "⊕ adds the skip and the branch; ReLU cuts off what is below zero.";

    histogram: "Histogram of F(x) and of what comes through the skip";
    histogram_hint: "Blue outline: values of F(x). Amber bars: values that come through the skip. Same axis, same area. A bar with a gap is cut off: most values after ReLU are exactly 0.";
    ratio_name: "‖F(x)‖ ÷ ‖x‖";
    ratio_hint: "Length of what the branch adds over length of what the skip carries, both as vectors of all pixels and channels";
    verdict_plain: "there is no skip: the branch is all there is";
    verdict_broken: "▲ NaN or ∞ in this block";
    verdict_little: "the branch hardly touches its input";
    verdict_edits: "the branch edits, it does not replace, its input";
    verdict_writes: "the branch writes more than it keeps";
    history_hint: "‖F(x)‖ ÷ ‖x‖ over each training batch since the run began, smoothed. The large number is of one image.";
    signal: "Signal into ⊕, rms";
    signal_hint: "Root mean square of α·shortcut(x) and of F(x): their lengths on the bar are their shares.";
    signal_plain: "nothing but F(x): no skip";
    against: " against ";
    scale: "Scale of the maps";
    scale_hint: "Value of each colour. Pointed ends: values beyond them exist and take the end's colour. Shared: 99 of 100 values of this block lie within it.";
    scale_shared: "shared over the block";
    scale_own: "each map has its own scale";
    own_scale: "own scale";
    own_scale_hint: "Give every map a scale of its own: shows weak maps, but maps can no longer be compared.";
    tab_against: "F(x), x";
    tab_against_hint: "How much the branch adds to what the skip carries";
    tab_prediction: "Prediction";
    tab_prediction_hint: "What the network says about this picture";
    tab_formula: "Formula";
    tab_formula_hint: "H(x) = F(x) + x with this block's numbers";

    alpha_hint: "α in α·shortcut(x) + F(x), from the next step on. Drag or type; a double click makes it 1. At 0 the skip is cut.";

    worked: "One number, worked out";
    given: "x comes from the block before this one. Choose a pixel of the branch to see how it is made.";
    enlarged: "Enlarged channel: click a pixel to choose it";
    enlarged_hint: "Click a pixel to work out its number. Arrow keys move it.";
    contributions: "What each input channel adds";
    contributions_hint: "Click a bar to see that channel's window.";
    sum_of_all: "sum of all";
    alpha_x_plus_f: "α·x + F";
    below_zero: "below zero, so ";
    exactly_equal: "checked in f64: equal";

    formula_then: "The block puts out ReLU(H(x)). The branch learns only what has to be added to x: the residual F(x) = H(x) − x.";
    formula_plain_then: "The block puts out ReLU(F(x)). Without a skip the branch has to make all of it, x included.";
    share_name: "share of the skip";
    why_title: "Why F(x) ≈ 0 is easily learned";
    why: "If the best a block can do is to leave x alone, its branch only has to go to zero: small weights and a small γ are enough, and weight decay pulls there by itself. A plain block would have to learn the identity through convolutions, batch norms and ReLUs, which solvers find hard: that is the degradation which deeper plain networks show. So a residual block starts near the identity and learns to edit.";
    cite: "He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition, 2015, §3.1";

    image: "Image";
    image_hint: "Which picture goes through the network to be looked at";
    by_class: "by class";
    source_waits: "Nothing here yet: evaluate the test split (E), or train a step (S).";
    picture_number: "Number of the picture";
    earlier_hint: "Pictures before these";
    later_hint: "Pictures after these";
    batch_hint: "Place in the last training batch, cropped and flipped as it was trained on. Batch norm uses that batch's own statistics.";
    own: "my own picture";
    own_shown_hint: "The picture as the network gets it: cropped to a square and resized";
    open_picture: "Open picture…";
    camera: "Camera";
    camera_hint: "Take a picture with the camera";
    own_hint_native: "A PNG, JPEG or WebP file; it can also be dropped on the window. Its middle is cropped to a square and resized to the network's input.";
    own_hint_web: "A picture file; it can also be dropped on the page, pasted, or taken with the camera. Its middle is cropped to a square and resized to the network's input.";
    picture_filter: "Picture";
    no_camera: "The camera is used in the page only; open a picture file instead.";
    true_class: "true class";
    no_prediction: "No prediction yet.";
    prediction_broken: "▲ The probabilities are NaN.";
    chance_hint: "Softmax probability of this class for this picture, at every look";
    chance_row_hint: "Softmax of the logits: probabilities of all classes add up to 1.";
}

pub fn own_hint() -> &'static str {
    if cfg!(target_arch = "wasm32") { own_hint_web() } else { own_hint_native() }
}

pub fn about(kind: &str, channels: &str, size: Option<&str>, skip: &str) -> String {
    match size {
        Some(size) => format!("{kind} · {channels} channels · {size} · {skip}"),
        None => format!("{kind} · {channels} channels · {skip}"),
    }
}

pub fn std(value: &str) -> String {
    format!("std {value}")
}

pub fn share(value: &str) -> String {
    format!("share {value}")
}

pub fn skip_alpha(alpha: &str) -> String {
    format!("skip  α·x, α = {alpha}")
}

pub fn signal_skip(value: &str) -> String {
    format!("skip {value}")
}

/// For a screen reader: the maps of one stage.
pub fn stage_label(name: &str, shown: usize, of: usize) -> String {
    format!("{name}, {shown} of {of} channels")
}

pub fn number_at(name: &str, channel: u32, x: u32, y: u32) -> String {
    format!("{name}, channel {channel}, pixel ({x}, {y})")
}

pub fn channel(n: u32) -> String {
    format!("channel {n}")
}

pub fn input_channel(n: u32) -> String {
    format!("input channel {n}")
}

pub fn window_of(name: &str) -> String {
    format!("window of {name}")
}

pub fn weights(kernel: usize) -> &'static str {
    if kernel > 1 { "weights" } else { "weight" }
}

pub fn products(kernel: usize) -> &'static str {
    if kernel > 1 { "products" } else { "product" }
}

pub fn sum_of(n: usize) -> String {
    let words = match n {
        9 => "nine".to_owned(),
        n => n.to_string(),
    };
    format!("sum of {words}")
}

pub fn with_rounding(term: &str) -> String {
    format!("{term} rounding")
}

pub fn all_channels(n: usize) -> String {
    format!("…and the same for all {n} input channels")
}

pub fn channel_adds(n: usize, value: &str) -> String {
    format!("channel {n} adds {value}")
}

pub fn one_and_others(one: &str, others: &str, n: usize) -> String {
    format!("{one} {others} of the other {n}")
}

pub fn equal_digits(n: u32) -> String {
    format!("checked in f64: equal to {n} digits")
}

pub fn deviates(off: &str) -> String {
    format!("▲ differs from f64 by {off}")
}

pub fn rms_of(what: &str) -> String {
    format!("rms {what}")
}

pub fn since(step: &str) -> String {
    format!("since step {step}, batch")
}

pub fn chance_history(class: &str) -> String {
    format!("p({class}) so far")
}

pub fn source(source: Source, classes: &[String]) -> String {
    match source {
        Source::Test => "test picture".into(),
        Source::Train => "training picture".into(),
        Source::Hardest => "hardest now".into(),
        Source::Misclassified => "misclassified".into(),
        Source::Batch => "last training batch".into(),
        Source::Own => own().into(),
        Source::Class(c) => classes.get(c).cloned().unwrap_or_else(|| c.to_string()),
    }
}

pub fn source_hint(source: Source) -> &'static str {
    match source {
        Source::Test => "The test split in its order: pictures it has never been trained on",
        Source::Train => "The training split in its order, neither cropped nor flipped",
        Source::Hardest => "Test pictures of highest loss in the last evaluation",
        Source::Misclassified => "Test pictures that were taken for another class in the last evaluation",
        Source::Batch => batch_hint(),
        Source::Own => own_hint(),
        Source::Class(_) => "Pictures of this class: of the test split once it was evaluated",
    }
}

pub fn number_hint(last: u32) -> String {
    format!("Number of the picture, 0 to {last}: drag or type")
}

pub fn record(split: SplitName, index: &str) -> String {
    match split {
        SplitName::Test => format!("test {index}"),
        SplitName::Train => format!("train {index}"),
    }
}

pub fn record_says(label: &str, said: &str, loss: &str) -> String {
    if label == said {
        format!("{label}, taken for {said}: right, loss {loss}")
    } else {
        format!("{label}, taken for {said}: wrong, loss {loss}")
    }
}

pub fn batch_image(n: u32, of: u32) -> String {
    format!("image {n} of {of}")
}

pub fn batch_described(n: u32) -> String {
    format!("image {n} of the last batch, batch statistics")
}

pub fn says_right(said: &str, sure: &str) -> String {
    format!("{said}, says the network with probability {sure}, and that is right.")
}

pub fn says_wrong(said: &str, sure: &str, label: &str) -> String {
    format!("{said}, says the network with probability {sure}. Wrong: it is {label}.")
}

pub fn says_unknown(said: &str, sure: &str) -> String {
    format!("{said}, says the network with probability {sure}.")
}
