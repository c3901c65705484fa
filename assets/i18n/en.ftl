# What the window says, in English: the language every message is written in first.
#
# The names of messages are those of the functions in src/app/i18n.rs, with - for _. Layer and parameter
# names, F(x), α, conv, BN and ReLU are never translated.

app-name = Skipscope

## Transport

run = Run
pause = Pause
run-again = Run again
step = Step
restart = Restart
theme = Theme
help = Help
run-hint = Train until the recipe's last step (Space)
run-waits = There is no network to train yet: build one, or wait until its kernels are compiled.
pause-hint = Stop after the step in progress (Space). Nothing is lost; Run goes on from there.
step-hint = Train one step: one batch forward, backward, update (S)
restart-hint = Back to initial weights, drawn from the same seed (R)
theme-hint = Dark or light (T)
language-hint = Switch to Chinese (L)
help-hint = Keys, and how to read the picture (?)
epoch = Epoch
epoch-hint = Passes over the training pictures: the one in progress, of how many
step-label = Step
step-readout-hint = Updates of the weights so far; one batch each
images-per-s = Images/s
images-per-s-hint = Training throughput over the last seconds: forward, backward and update
left = Left
left-hint = Time to the recipe's last step at the present speed
adapter = Adapter
adapter-hint = What WebGPU runs the compute shaders on

## Network

network = Network
network-hint = Depth as the papers count it: convolutions on the main path and the classifier. ResNet-20 to 110 are the CIFAR networks of He et al. 2015, §4.2; 18 to 152 those of Table 1. A plain network has the same layers without skips.
residual-group = Residual
plain-group = Plain: the same layers, no skips
parameters = Parameters
parameters-hint = Trainable numbers, all of them
macs = MACs / image
macs-hint = Multiply-accumulates of one image's forward pass. A training step costs about three times as much for each image.
gpu-memory = GPU memory
gpu-memory-hint = Buffers allocated on the GPU: pictures, weights, activations, gradients, momentum
shortcut = Shortcut
shortcut-hint = What runs beside the branch where the shape changes.
shortcut-a = A
shortcut-b = B
shortcut-none = none
shortcut-a-hint = Option A: every second pixel, new channels filled with zeros. No parameters.
shortcut-b-hint = Option B: a 1×1 convolution where the shape changes, identity elsewhere.
shortcut-none-hint = No skips: the plain twin with the same layers.
batch-norm = batch norm
batch-norm-hint = Normalise each channel over the batch after every convolution. Without it, each convolution gets a bias.

## Data

data = Data
data-hint = Pictures to train on. shapes10 is generated on your machine; a CIFAR-10 archive (.tar.gz) can be opened, or dropped on the window.
data-counts-hint = Pictures in the training and the test split
no-data = none yet
open-archive = Open archive…
shapes10 = shapes10

## Recipe

recipe = Recipe
learning-rate = Learning rate
learning-rate-hint = Step size of stochastic gradient descent. Takes effect at the next step.
schedule-constant = constant
schedule-step = step
schedule-cosine = cosine
schedule-constant-hint = The same learning rate all the way.
schedule-step-hint = A tenth from half of the run on, a hundredth from three quarters on.
schedule-cosine-hint = Half a cosine down to zero.
schedule-plot-hint = Learning rate over the run; the dot is now.
batch = Batch
batch-hint = Images in a step. A larger batch gives a steadier gradient and takes more memory. Needs a build.
momentum = Momentum
momentum-hint = How much of the last update is kept in the next.
weight-decay = Weight decay
weight-decay-hint = L2 penalty: this times the weight is added to its gradient.
epochs = Epochs
epochs-hint = Passes over the training pictures until the run ends.
seed = Seed
seed-hint = Initial weights, order of the pictures and augmentation follow from it. Needs a build.
init = Init
init-torch = PyTorch
init-he = He
init-torch-hint = Uniform in ±1/√fan_in, PyTorch's default. Needs a build.
init-he-hint = Normal with standard deviation √(2/fan_in), He et al. 2015. Needs a build.
nesterov = Nesterov
nesterov-hint = Look ahead along the momentum before the gradient is applied.
augment = crop + flip
resize = resize to 224
resize-hint = Resize pictures of 32 px to 224 px before they enter the network, as the article's demonstration does. Every feature map becomes 49 times as large, with the work and the memory; it takes a new network.
augment-hint = Shift each training picture by up to 4 pixels and mirror half of them.
build-hint = Lay out the network, compile its kernels, draw initial weights

## Engines

engine = Engine
engine-hint = What computes the network. Burn is a framework that others wrote: with the same weights, batches and updates it has to come to the same run.
engine-own = Skipscope
engine-own-hint = WGSL kernels of its own. Needs a build.
engine-burn = Burn
engine-burn-hint = Burn on the same adapter, through wgpu. It tries its kernels out in the first step, which takes a while. Needs a build.
engine-burn-cpu = Burn, CPU
engine-burn-cpu-hint = Burn on the CPU, without any adapter. Needs a build.
only-own-engine = Burn computes a step in one go. Build the network with Skipscope’s own engine to look into it.

## Files

evaluate = Evaluate
evaluate-hint = Measure loss and accuracy on the whole test split now (E)
save = Save
save-hint = Weights and optimiser state as a safetensors file with torchvision's names
load = Load
load-hint = Continue from a safetensors file; it can also be dropped on the window
drop-here = Drop a CIFAR-10 archive (.tar.gz) or a checkpoint (.safetensors)
archive-filter = CIFAR-10 archive
checkpoint-filter = safetensors checkpoint
no-font = that is no font
download-gone = The downloaded CIFAR-10 archive is gone.

## The network's picture

measured = one image, forward; one batch, backward
arc-caption = arc width: share through the skip
plain-caption = no skips: everything goes through F(x)
gradient = Gradient norm
gradient-caption = each layer, now
gradient-caption-then = each layer, then
backward = ← backward
gradient-hint = Length of the loss's gradient with respect to each layer's weights, ‖∂L/∂W‖, in the last step. Log axis; it grows by whole decades and never shrinks.
first-by-last = first ÷ last conv
norm-symbol = ‖∂L/∂W‖
no-network = No network yet. Choose one on the left and press Build.
measured-hint = The maps show one picture on its way through the network (batch norm with its running statistics). Arcs, gradients and everything else were measured on the last training batch.
colour-by-hint = What the strips under the cards and the history are coloured by
measure-gradient = gradient norm
measure-gradient-hint = Length of the loss's gradient with respect to the weights, ‖∂L/∂W‖; on a card over all weights of the block. Colours run from weak to strong, never from bad to good.
measure-std = activation std
measure-std-hint = Standard deviation of the block's output after ReLU, over the batch, all channels and pixels
measure-std-symbol = std of the output
measure-update = update ÷ weight
measure-update-hint = Length of the last update divided by the length of the weights, ‖ΔW‖ ÷ ‖W‖. About 10⁻³ is common.
measure-update-symbol = ‖ΔW‖ ÷ ‖W‖
measure-weight = weight norm
measure-weight-hint = Length of a layer's weights, ‖W‖; on a card over all weights of the block. Weight decay pulls it down, updates push it about.
measure-weight-symbol = ‖W‖
measure-dead = dead ReLUs
measure-dead-hint = Share of the block's output channels that were 0 everywhere in the batch
measure-dead-symbol = share of channels
measure-time = time
measure-time-hint = Time the block took forward and backward in one training step that was executed layer by layer to measure it; measured again every 10 s while training runs
measure-time-symbol = seconds a step
times-wait = not measured yet
shared-log = log colour, shared
shared-linear = linear colour, shared
maps-hint = Which tensor of each block the maps show
maps-output = after ReLU
maps-sum = before ReLU
maps-branch = F(x)
own-scale = own scale
own-scale-hint = Give every map a colour scale of its own, so that weak channels can be seen. Otherwise all maps of a block share one, and their colours can be compared.
maps-own = every map on its own scale
maps-broken = { " " }· hatching: NaN or ∞
image = Image
previous-image = Previous image ([)
next-image = Next image (])
own-picture = your picture
picture-hint = The picture that goes through the network, as the network gets it before normalisation
stem-maps-hint = The first convolution with its ReLU: maps of highest variance
head-hint = Global average pooling, then the classifier
prediction = Prediction
prediction-hint = Softmax of the logits for the picture on the left. The check mark is the true class.
so-far-hint = Probability that the network gave the picture's true class, from 0 to 1, since this picture is watched
fold-hint = Press to fold this stage into one card
unfold-hint = Folded: maps of the last block, everything else the mean over the blocks. Press to unfold.
card-hint = Click chooses, double click or Enter opens the microscope. ← → next block, F folds the stage. Scroll zooms, 0 fits.
history = History
newest-on-top = newest on top
history-hint = Every layer since the run began: a row is some steps, newest on top, coloured by the scale on the right. Rows are means; as the run gets longer they span more steps.
now = now
bar-update-norm = update norm ‖ΔW‖
step-through = Step through
step-through-hint = Pause and execute the next training step layer by layer, forward and backward (G)
next-layer = Next layer
next-layer-hint = Execute the next layer (N)
play = Play
hold = Hold
play-hint = Execute layer after layer at the pace of the speed slider: four layers a second at one step a second, at most twenty
finish-step = Finish step
finish-step-hint = Execute the rest of this step at once (Escape)
phase-forward = forward
phase-loss = loss
phase-backward = backward
phase-update = update
slice-output = its output, one image of the batch
slice-gradient = gradient at its input, one image of the batch
slice-update = the optimiser moves all weights

## Charts

train-loss = train loss
test-loss = test loss
test-accuracy = test accuracy
train-loss-hint = Mean cross-entropy of the training batches, smoothed over about 25 steps. The thin line is every batch.
test-loss-hint = Mean cross-entropy over the whole test split, after each epoch. Random guessing over 10 classes gives 2.303.
test-accuracy-hint = Share of the test split whose largest logit is the right class, after each epoch
loss = Loss
accuracy = Accuracy
lines-caption = line train · dashes test
log-axis = log
log-axis-hint = Logarithmic loss axis: equal distances are equal factors
loss-empty = The loss of each batch will appear here. Space starts training.
accuracy-empty = Accuracy will appear here. E measures the test split.
train = train
test = test
tab-loss-hint = Cross-entropy of training batches and of the test split (key 1)
tab-accuracy-hint = Share of pictures classified correctly, of training batches and of the test split (key 2)
tab-rates = Rates
tab-rates-hint = Learning rate of each step, and images trained a second (key 3)
tab-layers = Layers
tab-layers-hint = One measure in every layer, over the whole run and now (key 4)
tab-confusion = Confusion
tab-confusion-hint = Rows: true class. Columns: what the network says. Numbers are pictures of the test split, colours their share of the row. Press a cell to see its pictures (key 5).
linear-axis = linear
along-step = step
along-epoch = epoch
along-time = time
along-hint = What the curves are drawn against: training steps, epochs, or the time that training took without pauses and evaluations
lock-scale-hint = Keep this range until it is unlocked; values beyond it take the ends' colours.
unlock-scale-hint = Locked: this range stays. Press to let it follow the values again.
curves-missing = nothing was kept of them
zoom-fit = fit
zoom-fit-hint = Show all of the curves again, and follow the run (double-click on a chart)
zoom-hint = Drag a box or scroll to zoom; double-click shows all.
zoom-hint-touch = Two fingers zoom; a double tap shows all.
rates-empty = The rates of each step will appear here. Space starts training.
layers-empty = Every layer's measurements will appear here. Space starts training.
confusion-empty = What is taken for what will appear here once the test split was evaluated.

## Runs and exports

undo = Undo
this-run-hint = The run that is trained. Double-click its name to change it.
run-drawn-hint = Draw this run's curves beside the others, or hide them
run-name-hint = Double-click to change the name
delete-run-hint = Delete this run; the message that follows brings it back.
pin-hint = Pin this run: older runs make room for new ones, a pinned one never does.
unpin-hint = Let this run make room for newer ones again
export = Export
export-hint = Save what is shown as a file, or open a run from one
export-csv = This chart as CSV
export-csv-hint = The numbers behind the chart that is shown, as a table
export-run = This run as a file
export-run-hint = Everything measured in this run; the file can be opened again to compare with it.
export-png = The window as PNG
export-png-hint = A picture of the whole window as it is now
open-run = Open a run…
open-run-hint = A .skipscope.json file: its curves are drawn beside this run's.
run-filter = Skipscope run
csv-filter = CSV table
runs-hint = This run and earlier ones. A new network or a restart keeps the run before it once it has done 20 steps, on this device and for later visits. Twelve are kept; the oldest that is not pinned makes room.

## States

waiting-for-gpu = waiting for the GPU
compiling-starts = compiling kernels
evaluating = evaluating the test split
restart-button = Restart
lower-lr = Lower the learning rate
lower-lr-hint = A tenth of the learning rate, then restart from initial weights
start-again = Start again
dismiss = Dismiss
close = Close
sheet-handle = Close the microscope
sheet-handle-hint = Pull down, or press, to go back to the network

## Help

help-title = Keys
help-reading = How to read the picture
help-arc = The amber arc is the skip. Its width is the share of the signal into ⊕ that came through it: rms(α·x) ÷ (rms(α·x) + rms(F(x))).
help-card = In each card: maps of one picture after that block, those of highest variance. The strip under them is the chosen measure.
help-bar = Rose is backward: the length of each layer's gradient, on a log axis that never shrinks.
help-curve = Colour is the run, dash is the split: solid is training, dashed with hollow dots is the test split.

## Keys, in the help

key-space = Space
key-run = run or pause
key-step = train one step
key-restart = restart from initial weights
key-evaluate = evaluate the test split
key-walk = next layer of a training step
key-theme = dark or light
key-language = English or Chinese
key-microscope = microscope: open or close; Escape goes back, arrow keys move
key-help = this help

## A block and a bar, in their hover texts

block-share = share through the skip
block-skip = skip α·x
block-branch = branch F(x)
block-sum = sum x + F(x)
block-output = output, after ReLU
block-plain = no skip
block-projection = 1×1 projection skip
block-identity = identity skip
bar-gradient-norm = gradient norm ‖∂L/∂W‖
bar-weight-norm = weight norm ‖W‖

## What a network's title says beside its name

title-option-a = option A
title-option-b = option B
title-no-bn = no BN

## With values

compiling = compiling { $done } of { $of } kernels
fetching = { $name }: { $done } of { $of }
opening = reading { $name }
build = Build { $title }
of = { " " }/ { $total }
classes =
    { $n ->
        [one] { $n } class: { $names }
       *[other] { $n } classes: { $names }
    }
counts = { $train } / { $test }
largest-by-smallest = largest { $ratio } × smallest
slow = One step takes { $time } here; a smaller network is ready.
use-network = Use { $title }
diverged = Training stopped at step { $step }: { $what }.
device-lost = The graphics device is gone ({ $why }). Its weights are lost; saved checkpoints are not.
saved = Saved { $name }
loaded = Checkpoint loaded; training goes on at step { $step }.
finished = All { $steps } steps of the recipe are done.
save-failed = The file could not be written: { $why }
read-failed = { $name } could not be read: { $why }
# Behind a message that came more than once.
times = { " " }(× { $n })
# For a screen reader.
block-label = { $name }, skip share { $share }
bar-label = { $name }.weight, gradient norm { $norm }
moments = { $mean } ± { $std }
# For a screen reader.
lock-scale = Lock the scale: { $what }
unlock-scale = Unlock the scale: { $what }
curves-lost = The run has no earlier curves: { $why }
chart-of = Chart: { $what }, { $from } to { $to }
chart-point =
    { $series } { $value }
    step { $step }
throttled = The tab was hidden, and the browser slowed training down to { $rate } steps a second.

## Views and the transport

view-watch = Watch
view-watch-hint = The whole network while it learns
view-microscope = Microscope
view-microscope-hint = One block, number by number (M)
charts = Charts
speed = Speed
speed-full = full
speed-full-hint = As fast as the GPU goes. Further left, steps come one by one, slow enough to be watched.
copy-link = Copy link
copy-link-hint = A link that opens exactly this: network, recipe, data, what is chosen and how it is looked at (C)
link-copied = The link is in the clipboard.
presentation = Presentation
presentation-hint = For a projector: larger and stronger, with less on the screen (P, Esc)

## Panels that move

move-panel = Move this panel
move-panel-hint = Drag to move the panel beside another or behind it; drag the gap between two to resize them.
reset-layout = Reset layout
reset-layout-hint = Every panel back to its first place
reduced-motion = Reduce motion
reduced-motion-hint = Nothing slides or fades: every change jumps to its end.
all-size = Size: { $size }
all-size-auto = automatic
all-size-at = { $percent } %
all-size-hint = How large everything is drawn. Automatic enlarges it on a screen of 4K that does not scale by itself.
light-theme = Light theme
light-offer = A projector shows the light theme more clearly, above all in a bright room. It lasts as long as the presentation.

## Before a network is built

runs = Runs
step-time = Step time
step-time-hint = One training step of this network, estimated from the images per second that were measured and from the multiply-accumulates
custom = Custom…
custom-hint = Choose blocks, width, stem and the rest yourself
blocks = Blocks
blocks-hint = Residual blocks in each stage, e.g. 2 2 2 2. Every stage but the first halves the size and doubles the channels.
width = Width
width-hint = Channels of the first stage (planes)
input-size = Input
input-size-hint = Height and width that pictures are resized to before they enter the network; the article's demo uses 224 px
block-shape = Block
block-shape-hint = What the branch F(x) is made of
block-basic = basic
block-basic-hint = Two 3×3 convolutions (ResNet-18 and 34)
block-bottleneck = bottleneck
block-bottleneck-hint = 1×1, 3×3 and 1×1 convolutions, the last to four times the channels (ResNet-50 and deeper)
stem = Stem
stem-hint = How the picture enters the network
stem-cifar = 3×3
stem-cifar-hint = A 3×3 convolution, stride 1: for small pictures
stem-imagenet = 7×7
stem-imagenet-hint = A 7×7 convolution, stride 2, then max-pooling: for large pictures
alpha = α
alpha-hint = How much of the shortcut enters ⊕ in every block: 1 is a ResNet, 0 has no skips. Takes effect at the next step.
preset-cifar = CIFAR-10
preset-cifar-hint = ResNet-18 on CIFAR-10 as it is usually trained: batch 128, learning rate 0.1 with a cosine, momentum 0.9, weight decay 5×10⁻⁴, crops and flips
preset-article = Article
preset-article-hint = The article's demonstration: ResNet-18 on CIFAR-10, SGD, learning rate 0.01, momentum 0.9, batch 64. It resizes pictures to 224 px: a switch under Recipe does that.
cifar-missing = CIFAR-10 is not here: open its archive under Data, or drop it on the window. Until then the network trains on the pictures that are loaded.

## Pictures

download = Download CIFAR-10
download-hint = 162 MiB from cs.toronto.edu, checked against the published MD5 sum and kept
album-hint = Press for more of each class
album-caption = class · training pictures · the first of them
preview = preview
preview-hint = Real training pictures as the network gets them: cropped and flipped anew with every look

## The frame meter

meter = ms, p50 / p95
meter-times = { $half } / { $most }
meter-ui = UI
meter-ui-hint = Laying out one drawing, on the CPU
meter-gpu = GPU, drawing
meter-gpu-timestamps = From the first to the last shape of the window, by timestamps that the GPU writes itself
meter-gpu-latency = From submitting a drawing until the queue reports that it is done: training queued before it is included, so it is at most this. Here the GPU cannot time a pass itself.
meter-gpu-unknown = Not measured yet
meter-frame = frame
meter-frame-hint = From one drawing to the next while they follow each other: what GPU, screen and training allow

## More keys

key-block = previous or next block
key-enter = Enter
key-open = open the chosen block
key-picture = previous or next picture
key-fit = fit the network into the window
key-fold = fold or unfold the stage of the chosen block
key-charts = choose a chart
key-presentation = presentation
key-link = copy a link to this
key-zoom = larger, smaller, automatic
key-frame = how long drawing takes
key-escape = Esc
key-leave = close, leave, go back

## Messages of the frame

speed-hint = { $rate } training steps a second; at the right end it is as fast as the GPU goes.
per-second = { $rate }/s
about = about { $time }
resize-cost = { $times } times the work: { $need } of GPU memory, { $step } a step
title-pixels = { $side } px
title-width = width { $width }
fits-at = Needs { $need } of GPU memory, { $allowed } are allowed. Batch { $batch } would fit.
fits-never = Needs { $need } of GPU memory, { $allowed } are allowed. Not even batch 1 would fit: choose a smaller network or input.
class-count = { $name }: { $count } training pictures
album-title = Pictures of { $name }
link-faults = Parts of the link are not understood, so they keep their defaults: { $parts }
link-data = The link was made with pictures called { $name }. Open that archive under Data to see the same.
link-block = The link chooses a block { $name }, which this network does not have.
settings-unreadable = The settings could not be read, so the window begins with its defaults ({ $why }).
title-custom = Custom { $what }
colour-by = Colour by: { $what }
maps = Maps: { $what }
maps-shown = { $n } of { $of } maps,{ " " }
maps-signed = from −{ $end } to { $end }
maps-positive = from 0 to { $end }
scale-of = Colour scale: { $name }
batch-picture = image { $n } of the batch
guess = { $name }: { $percent }
guess-right = { $name }: { $percent }, the true class
truth = true: { $name }
so-far = p({ $name }) so far
stage-label =
    { $n ->
        [one] { $name }: { $n } block, { $shape }
       *[other] { $name }: { $n } blocks, { $shape }
    }
folded-name = { $name }, { $n } blocks
folded-label = { $name }, { $n } blocks folded, mean skip share { $share }
mean-of = mean over { $n } layers
history-step = step { $step }
history-steps = mean over steps { $first } to { $last }
slice-words = step { $step } · { $phase } · { $layer }
slice-moments = { " " }· { $shape }, mean { $mean }, std { $std } (this batch)
slice-loss = { " " }· loss { $loss }
slice-at = { $done } of { $of }


## The microscope and the choice of pictures

scope-title = Microscope
scope-choose-block = Click a block in the map to look inside it, or press M to open the microscope.
scope-choose-number = Click a pixel of any map to see how its number is made.
scope-waiting = Waiting for the next look at this block.
scope-open = Open microscope ↗
scope-open-hint = Every tensor of this block, and any number worked out (Enter or M)
scope-network = Network
scope-back-hint = Back to the whole network (Escape)
scope-stage-hint = First block of this stage
scope-block-hint = The block under the microscope. Arrow keys go from block to block, or move the chosen pixel.
scope-before-hint = Block before this one (Page Up)
scope-after-hint = Next block (Page Down)
scope-one-image = one image
scope-now = now
scope-broken = ▲ NaN or ∞
scope-the-branch = the branch
scope-output = output
scope-sum = sum
scope-shortcut-arrives = α·shortcut(x)
scope-no-skip = No skip: everything the next block gets went through F(x).
scope-conv-hint = Convolution: each output pixel is a weighted sum over a small window of all input channels. /2: every second pixel only.
scope-bn-hint = Batch norm: subtract the channel's mean, divide by its standard deviation, then scale by γ and shift by β. For one image the running statistics are used.
scope-bias-hint = Without batch norm a learned number is added to each channel.
scope-conv-bn-hint = Convolution, then batch norm
scope-pad-hint = Option A: every second pixel, new channels filled with zeros
scope-relu-hint = ReLU: what is below zero becomes zero; blue disappears.
scope-branch-hint = The residual branch: convolutions, batch norms and the ReLUs between them
scope-sum-hint = ⊕ adds what comes through the skip and through the branch, number by number.
scope-sum-relu-hint = ⊕ adds the skip and the branch; ReLU cuts off what is below zero.
scope-histogram = Histogram of F(x) and of what comes through the skip
scope-histogram-hint = Blue outline: values of F(x). Amber bars: values that come through the skip. Same axis, same area. A bar with a gap is cut off: most values after ReLU are exactly 0.
scope-ratio-name = ‖F(x)‖ ÷ ‖x‖
scope-ratio-hint = Length of what the branch adds over length of what the skip carries, both as vectors of all pixels and channels. Without α; where the skip is a projection, x is what comes out of it.
scope-verdict-plain = there is no skip: the branch is all there is
scope-verdict-broken = ▲ NaN or ∞ in this block
scope-verdict-little = the branch hardly touches its input
scope-verdict-edits = the branch edits, it does not replace, its input
scope-verdict-writes = the branch writes more than it keeps
scope-history-hint = ‖F(x)‖ ÷ ‖α·x‖ over each training batch since the run began, smoothed. The large number is of one image, without α.
scope-signal = Signal into ⊕, rms
scope-signal-hint = Root mean square of α·shortcut(x) and of F(x): their lengths on the bar are their shares.
scope-signal-plain = nothing but F(x): no skip
scope-against = { " " }against{ " " }
scope-scale = Scale of the maps
scope-scale-hint = Value of each colour. Pointed ends: values beyond them exist and take the end's colour. Shared: 99 of 100 values of this block lie within it.
scope-scale-shared = shared over the block
scope-scale-own = each map has its own scale
scope-own-scale = own scale
scope-own-scale-hint = Give every map a scale of its own: shows weak maps, but maps can no longer be compared.
scope-tab-against = F(x), x
scope-tab-against-hint = How much the branch adds to what the skip carries
scope-tab-prediction = Prediction
scope-tab-prediction-hint = What the network says about this picture
scope-tab-formula = Formula
scope-tab-formula-hint = H(x) = F(x) + x with this block's numbers
scope-alpha-hint = α in α·shortcut(x) + F(x), from the next step on. Drag or type; a double click makes it 1. At 0 the skip is cut.
scope-worked = One number, worked out
scope-given = x comes from the block before this one. Choose a pixel of the branch to see how it is made.
scope-enlarged = Enlarged channel: click a pixel to choose it
scope-enlarged-hint = Click a pixel to work out its number. Arrow keys move it.
scope-contributions = What each input channel adds
scope-contributions-hint = Click a bar to see that channel's window.
scope-sum-of-all = sum of all
scope-alpha-x-plus-f = α·x + F
scope-below-zero = below zero, so{ " " }
scope-exactly-equal = checked in f64: equal
scope-formula-then = The block puts out ReLU(H(x)). The branch learns only what has to be added to x: the residual F(x) = H(x) − x.
scope-formula-plain-then = The block puts out ReLU(F(x)). Without a skip the branch has to make all of it, x included.
scope-share-name = share of the skip
scope-why-title = Why F(x) ≈ 0 is easily learned
scope-why = If the best a block can do is to leave x alone, its branch only has to go to zero: small weights and a small γ are enough, and weight decay pulls there by itself. A plain block would have to learn the identity through convolutions, batch norms and ReLUs, which solvers find hard: that is the degradation which deeper plain networks show. So a residual block starts near the identity and learns to edit.
scope-cite = He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition, 2015, §3.1
scope-image = Image
scope-image-hint = Which picture goes through the network to be looked at
scope-by-class = by class
scope-source-waits = Nothing here yet: evaluate the test split (E), or train a step (S).
scope-picture-number = Number of the picture
scope-earlier-hint = Pictures before these
scope-later-hint = Pictures after these
scope-batch-hint = Place in the last training batch, cropped and flipped as it was trained on. Batch norm uses that batch's own statistics.
scope-as-trained = as the last step was trained on it, cropped and flipped if the recipe says so
scope-own = my own picture
scope-own-shown-hint = The picture as the network gets it: cropped to a square and resized
scope-open-picture = Open picture…
scope-camera = Camera
scope-camera-hint = Take a picture with the camera
scope-own-hint-native = A PNG, JPEG or WebP file; it can also be dropped on the window. Its middle is cropped to a square and resized to the network's input.
scope-own-hint-web = A picture file; it can also be dropped on the page, pasted, or taken with the camera. Its middle is cropped to a square and resized to the network's input.
scope-picture-filter = Picture
scope-no-camera = The camera is used in the page only; open a picture file instead.
scope-no-decoder = this page decodes no pictures
scope-true-class = true class
scope-no-prediction = No prediction yet.
scope-prediction-broken = ▲ The probabilities are NaN.
scope-chance-hint = Softmax probability of this class for this picture, at every look
scope-chance-row-hint = Softmax of the logits: probabilities of all classes add up to 1.
scope-weight = weight
scope-weights = weights
scope-product = product
scope-products = products
scope-from-test = test picture
scope-from-train = training picture
scope-from-hardest = hardest now
scope-from-misclassified = misclassified
scope-from-batch = last training batch
scope-from-test-hint = The test split in its order: pictures it has never been trained on
scope-from-train-hint = The training split in its order, neither cropped nor flipped
scope-from-hardest-hint = Test pictures of highest loss in the last evaluation
scope-from-misclassified-hint = Test pictures that were taken for another class in the last evaluation
scope-from-class-hint = Pictures of this class: of the test split once it was evaluated
scope-about = { $kind } · { $channels } channels · { $skip }
scope-about-size = { $kind } · { $channels } channels · { $size } · { $skip }
scope-std = std { $value }
scope-share = share { $value }
scope-skip-alpha = skip  { $skip }, α = { $alpha }
scope-signal-skip = skip { $value }
scope-stage-label = { $name }, { $shown } of { $of } channels
scope-number-at = { $name }, channel { $channel }, pixel ({ $x }, { $y })
scope-channel = channel { $n }
scope-input-channel = input channel { $n }
scope-window-of = window of { $name }
scope-sum-of =
    { $n ->
        [9] sum of nine
       *[other] sum of { $n }
    }
scope-with-rounding = { $term } rounding
scope-all-channels = …and the same for all { $n } input channels
scope-channel-adds = channel { $n } adds { $value }
scope-one-and-others = { $one } { $others } of the other { $n }
scope-equal-digits = checked in f64: equal to { $n } digits
scope-deviates = ▲ differs from f64 by { $off }
scope-rms-of = rms { $what }
scope-since = since step { $step }, batch
scope-chance-history = p({ $class }) so far
scope-number-hint = Number of the picture, 0 to { $last }: drag or type
scope-test-record = test { $index }
scope-train-record = train { $index }
scope-record-right = { $said }: right, loss { $loss }
scope-record-wrong = { $label }, taken for { $said }: wrong, loss { $loss }
scope-batch-image = image { $n } of { $of }
scope-batch-described = image { $n } of the last batch, batch statistics
scope-says-right = The network says { $said }, with probability { $sure }, and is right.
scope-says-wrong = The network says { $said }, with probability { $sure }. Wrong: it is { $label }.
scope-says-unknown = The network says { $said }, with probability { $sure }.

## Checkpoints that are kept

go-on = Go on
go-on-hint = Take over the weights and the optimiser's state that were kept, and train on
discard = Discard
discard-hint = Throw the kept checkpoint away
back-to-hint = Take over what was kept last; lower the learning rate before it runs on
keep-failed = The run is not kept for a later visit: { $why }
resume-offer = { $name } on { $data } was kept at step { $step }, { $ago } ago.
resume-needs = { $name } was trained on { $data }: open that archive under Data, and it goes on by itself.
back-to = Back to step { $step }
crashed = Skipscope itself failed ({ $what }) and was opened anew. Nothing of that run was kept.
crashed-kept =
    { $n ->
        [0] Skipscope itself failed ({ $what }) and was opened anew. The run was kept at its last step, { $step }.
        [one] Skipscope itself failed ({ $what }) and was opened anew. The run was kept last at step { $step }: 1 step back.
       *[other] Skipscope itself failed ({ $what }) and was opened anew. The run was kept last at step { $step }: { $n } steps back.
    }
go-on-from = Go on from step { $step }
begin-anew = Begin anew
begin-anew-hint = Build the network of the controls with initial weights and train it
## Charts and runs, with values

confusion-as-of = as of step { $step } · rows true, columns predicted
confusion-right = { $name }, recognised: { $count }
confusion-wrong = { $truth }, taken for { $said }: { $count }
confusion-share = { $share } of all pictures of { $name }
confusion-pictures = { $n } shown, highest loss first; press one to watch it
confusion-picture = test { $index }, loss { $loss }
layers-step = step { $step }
run-deleted = { $name } was deleted
run-row = { $name }, test accuracy { $accuracy }
delete-run = Delete { $name }
run-opened = { $name } is drawn beside this run
run-made-room = { $name } was deleted to make room: pin a run to keep it, or export it as a file
pins-full = { $n } runs are pinned already, and some room is needed for new ones: let one go first
pin-run = Pin { $name }
unpin-run = Let { $name } go
run-not-kept = Runs are not kept for later visits: { $why }. Export them as files instead.
shelf-unreadable = Runs of earlier visits cannot be read: { $why }
shelf-of-another-version = A run that another version of Skipscope has kept is left for that version.
shelf-damaged = A run of an earlier visit is damaged and was deleted: { $why }
run-unreadable = { $name } is no run that can be opened: { $why }

## Lessons

view-lessons = Lessons
view-lessons-hint = A question, a prediction, an experiment on this machine, and what came out (B)
lessons-title = Lessons
lessons-about = Each asks you for a prediction, runs the experiment on this machine, and shows what was measured beside it. Your answers stay on this device.
lesson-prediction = Your prediction
lesson-question = Question
lesson-experiment = Experiment
lesson-predict = Commit to this prediction
lesson-predict-hint = Choose an option first. A prediction cannot be changed once it is given.
lesson-answer = Answer
lesson-answer-hint = Choose an option first; try it in the panels if you are not sure.
lesson-do-hint = The window carries it out; everything can be taken over by hand at any time.
lesson-working = Working…
lesson-working-hint = The experiment is being carried out.
lesson-end = The lesson is over
lesson-again = Play again
lesson-again-hint = From the beginning; answers to this lesson are forgotten.
lesson-list-hint = All lessons
lesson-close-hint = Close the lesson and show the controls again (B)
lesson-more = For teachers
lesson-print = Sheet to print…
lesson-print-hint = An HTML file with the questions and room to write; any browser prints it.
lesson-link = Copy a link to this lesson
lesson-link-hint = A lesson from a file travels in the link itself: no server needs to have it.
lesson-class = Answers of a class…
lesson-class-hint = Sums up what students have handed in; nothing leaves this device.
lesson-open-hint = Begin this lesson. A tick: it has answers on this device.
lesson-open-file = Open a lesson…
lesson-open-file-hint = A Markdown file (.md) as described in assets/lessons/README.md; it can be dropped on the window, too.
lesson-stage-predict = Predict
lesson-stage-run = Run
lesson-stage-reveal = Reveal
lesson-usual = What is usually found, as the lesson's text and sources say. What this machine measured stands under the prediction.
lesson-right = The right answer
lesson-hand-in = Hand in
lesson-hand-in-about = If your teacher asks for your answers, send this line. Nothing is sent by itself.
lesson-student = Name or number
lesson-student-hint = Stands in the line you copy and is kept nowhere else; may stay empty.
lesson-copy = Copy answers
lesson-copy-hint = One line of text for the clipboard
lesson-save-hint = The same line as a text file
lesson-copied = Your answers are in the clipboard
sheet-name = Name: ____________________   Date: ____________
sheet-measured = What was measured, beside your prediction
class-about = Paste the lines that students have handed in, or open or drop their text files. Whoever hands in twice under a name counts once.
class-open = Open answers…
class-open-hint = A text file with lines of students, added to those above
class-paste = One line a student
class-needs-lesson = Open the lesson first whose answers these are.
lesson-filter = Lesson
answers-filter = Answers
sheet-filter = Sheet to print
key-lessons = lessons
lesson-of = Lesson { $n } of { $of } · { $minutes } min
lesson-minutes = Lesson · { $minutes } min
lesson-unreadable = This lesson cannot be opened: { $why }
lesson-steps = { $done } of { $of } steps
lesson-predicted = You predicted: { $what }
lesson-next = Next: { $title }
lesson-end-hint = Makes { $layer }: press to ring it in the map
lesson-line-hint = Makes { $block }: press to choose it in all panels
class-counted = { $students } students counted · { $others } lines of other lessons · { $unreadable } lines not understood

## Race

view-race = Race
view-race-hint = Two to four networks that differ in one thing, trained in lock-step (V)
race-setup = Race
race-setup-hint = Lanes start from the same weights, as far as they share tensors, and train on the same batches: whatever differs in the end comes from the one thing in which they differ.
race-base-hint = The network that is raced; the other lanes are made from it.
race-differ = Lanes differ in
race-values-hint = What the lanes are: two to four
race-differ-hint = Exactly one thing, so that a difference has one cause.
differ-skip = skips
differ-skip-hint = The residual network and its plain twin with the same layers (He et al. 2015, §3.3)
differ-shortcut = shortcut kind
differ-shortcut-hint = Where the shape changes: option A pads with zeros, option B is a 1×1 convolution with batch norm
differ-bn = batch norm
differ-bn-hint = With batch norm, and without: then every convolution has a bias instead
differ-depth = depth
differ-depth-hint = Networks of one family
differ-alpha = α
differ-alpha-hint = How much of the shortcut enters each sum, F(x) + α·x. At 0 it computes what the plain twin does.
differ-lr = learning rate
differ-lr-hint = The learning rate below, times each of these
differ-init = initial weights
differ-init-hint = He et al.'s normal distribution; PyTorch's default, which is uniform and narrower; Fixup, where every branch starts at zero
race-steps = Steps
race-steps-hint = Training steps of each lane with each seed
race-seeds = Seeds
race-seeds-hint = The race is run once with each: initial weights and the order of the pictures change together in all lanes. Several say how much of a difference is luck.
race-rest = Everything else as under Recipe in Watch, the same in all lanes.
race-presets = Races worth running
race-presets-hint = Each fills in the controls above; nothing starts by itself.
race-start = Start race
race-start-hint = Build all lanes and train them in lock-step (Space). The network in Watch pauses meanwhile.
race-stop = Pause race
race-stop-hint = Pause the race after the step in progress (Space); it can go on until an experiment, a build or other pictures take its place. R starts it anew.
race-go-on = Go on
race-go-on-hint = Go on with the race where it was paused (Space); R starts it anew
race-step-hint = Steps that the lanes have done with this seed, and of how many
race-rate-hint = Training images a second, all lanes together
race-left-hint = Time until the last seed is done, at the pace so far
race-empty = Press Space to train these networks in lock-step, or choose others first.
race-begins = The lanes are ready; waiting for the first step
race-comma = ,{ " " }
race-loss = training loss in nats
race-loss-hint = Cross-entropy of the training batches, smoothed over some 25 steps, or over an eighth of a race shorter than 200; at the end the mean of the last epoch, or of the last tenth of a run shorter than that. With several seeds, once all are done: the mean of those not operated on, with the lowest and the highest.
race-fair = same first weights, same batches
race-fair-width = same first weights, same batches, width { $width }
race-fair-hint = Every tensor that lanes share by name and shape starts from the same numbers, and every step takes the same pictures.
race-over = The race is over.
race-colour = colour: gradient norm of the block, last step
race-maps = maps: the same picture after each block
race-block-hint = Press to choose this block for surgery (← →)
race-plain-hint = A plain network: no skip to cut. Press to mark this block in all lanes.
race-curves = Training loss
race-nats = cross-entropy, nats
race-lines = faint: each batch · line: smoothed
race-lines-band = line: this seed · band: finished seeds not operated on, lowest to highest
race-curves-empty = Losses appear with the first step.
race-test-hint = Accuracy on the whole test split after the last step
race-test-caption = one mark a seed, after the last step · number: mean
race-test-empty = Measured when the lanes have done their last step.
race-flag-hint = Press to take it back
race-gradients-empty = Norms appear with the first step.
race-gradients = Gradient norm per layer
race-gradients-now = last step · log
race-gradients-zero = last step · log · ring at the foot: exactly 0
race-conv-axis = conv layer
race-surgery = Skip surgery
race-surgery-hint = Change α while the lanes train, from the next step on; nothing is compiled for it.
race-surgery-lane-hint = The lane that is operated on
race-no-skips = No lane has skips to cut.
race-whole = network
race-whole-hint = All blocks
race-stage-hint = All blocks of the stage that the chosen block is in
race-one-block-hint = The chosen block alone
race-choose-block = or press a block above
race-alpha-hint = α in F(x) + α·x, from the next step on: 1 is a ResNet, 0 cuts the skip
race-mixed-hint = The mean: these blocks have different α
race-cut = Cut
race-cut-hint = α becomes 0: nothing comes through these skips any more
race-rejoin = Rejoin
race-rejoin-hint = Back to the α that the lane began with, or 1 where that is 0
race-undo-hint = Take back this lane's last change
key-race = race, and back to Watch
race-after = After { $steps } steps:{ " " }
race-diverged = diverged at step { $step }
race-band = { $mean } ({ $low } to { $high })
race-lr = lr { $rate }
race-parameters = { $count } parameters
race-seeds-done = { $done } of { $of } seeds done
race-mean-of = mean of { $n } blocks
race-block = { $lane } { $block }: share through the skip { $share }, gradient norm { $norm }
race-was-cut = { $who } cut · { $step }
race-was-set = { $who } α { $value } · { $step }
race-was-rejoined = { $who } rejoined · { $step }
race-was-undone = { $who } undone · { $step }
race-preset-hint = { $lanes }: { $steps } steps at batch { $batch }

## Surgery

surgery-title = Skip surgery
surgery-title-hint = Changes α, the weight of the shortcut where it meets the branch, while the network trains. It holds forward and backward from the next step on; nothing is compiled for it, and weights and optimiser stay as they are, but for blocks that are swapped or scrambled.
surgery-none = There is no skip to operate on: build a residual network first.
surgery-network = network
surgery-network-hint = All skips of the network. With α = 0 everywhere it computes what its plain twin does.
surgery-stage-hint = All skips of the chosen block's stage
surgery-block-hint = The chosen block's skip alone
surgery-formula = H(x) = F(x) + α·x
surgery-alpha-hint = What the shortcut is multiplied by before F(x) is added: 0 cuts the skip as in a plain network, 1 is the ResNet of the paper; less than 0 subtracts x, more than 1 adds it more than once.
surgery-plain = 0 plain
surgery-resnet = 1 ResNet
surgery-rejoin = Rejoin
surgery-undo-hint = Take back the last operation, whatever it was done to (Z)
surgery-empty = Click an arc to cut it, or move α.
surgery-cut-short = cut
surgery-cut-hint = Click to cut this skip: α = 0 from the next step on, so that only F(x) gets through here, forward and backward (X for the chosen block).
key-cut = cut or rejoin the chosen block's skip
key-undo-cut = undo the last operation on skips and blocks
init-fixup = Fixup
init-fixup-hint = Zhang et al. 2019, rules 1 and 2: as He, with each branch's last convolution and the classifier 0 and the branches' other convolutions × L^(−1/(2m−2)) for L blocks of m. Of rule 3 the scalar multipliers and biases are left out. For networks with skips and without batch norm. Needs a build.
surgery-cut = { $name } cut
surgery-set = { $name } α = { $alpha }
surgery-rejoined = { $name } rejoined
surgery-undone = { $name } undone
flag-undoes = Click to undo it
flag-rejoins = Click to rejoin these skips
flag-puts-back = Click to put these branches back
flag-swaps-back = Click to swap the blocks back
flag-does-nothing = This cannot be taken back by itself: undo what was done after it first
surgery-mean = mean of { $n }: { $low } to { $high }
surgery-from-to = { $low } to { $high }
surgery-slider = α of { $name }
surgery-rejoin-all-hint = { $name }: back to the α it was built with, or 1 where that is 0
surgery-lesion = Lesion
surgery-lesion-hint =
    What Veit et al. (2016) do to a trained network. Nothing is re-estimated; E measures the test split, Z takes it back.
    Training on afterwards is another run; the one before stays among the runs.
surgery-drop = Drop F
surgery-drop-hint = Leaves the branch of { $name } out, H(x) = α·x, or puts it back.
surgery-swap = Swap with …
surgery-swap-hint = The chosen block changes places with another of its stage, all their numbers with them. Both have to keep the shape.
surgery-scramble = Scramble
surgery-scramble-hint = The numbers in each convolution of the chosen block change places at random; batch norm stays. Not in the paper.
surgery-swapped = { $name } swapped with { $other }
surgery-scrambled = { $name } scrambled
surgery-put-back-short = Put F back
surgery-dropped-short = F out
surgery-dropped = { $name } F dropped
surgery-put-back = { $name } F put back
surgery-beta = { $name } β = { $beta }
surgery-arc-label = Skip of { $name }, α = { $alpha }
surgery-arc-values = α = { $alpha } · share { $share }
surgery-rejoin-hint = Click to rejoin this skip: back to α = { $alpha } from the next step on (X for the chosen block).

## The laboratory

view-lab = Lab
view-lab-hint = Experiments on the present network, or on small ones made for them (A)
lab-list = Experiments
lab-list-hint = Each one measures here and now, on the pictures that are loaded. Training waits meanwhile and goes on afterwards.
lab-setup = Set-up
lab-time-hint = The time is what it takes here at the training throughput measured so far, without compiling; unknown before the first steps of training.
lab-start = Start experiment
lab-start-hint = Prepare what it needs and measure (Space). Training waits meanwhile and goes on afterwards.
lab-stop = Stop experiment
lab-stop-hint = Stop the experiment; what it has found stays on the screen, and it can go on until another experiment, a race, a build or other pictures take its place (Space)
lab-go-on = Go on
lab-go-on-hint = Go on with the stopped experiment where it is, on the network as it was then (Space). R starts it anew.
lab-waits = There are no pictures yet: load data first.
lab-prepares = preparing
lab-stopped = Stopped before its end.
lab-over = The experiment is done.
lab-done = Done
lab-done-hint = Work done so far, as a share of the whole experiment
lab-left-hint = Time to the experiment's end at the speed so far
lab-json = JSON…
lab-json-hint = Save all that was measured, with how it was measured
lab-csv = CSV…
lab-csv-hint = Save a table of what was measured, for a spreadsheet
lab-no-network = no network yet
key-lab = lab, and back to watching
lab-waiting = { $name }: under way in the Lab (A); training waits

## Lesions

lesion-name = Lesions
lesion-asks = Which block can a trained network do without?
lesion-hint = Veit, Wilber & Belongie 2016, §4: leave out one block of a trained network at a time, and measure what is left of its test accuracy.
lesion-measured = test accuracy after each lesion, one at a time · evaluation mode
lesion-measured-hint = Accuracy on the test split in evaluation mode, i.e. batch norm uses its running statistics. Each lesion is done by itself, on a copy of the network.
lesion-network-hint = A copy of the network in Watch, at its present weights and α
lesion-drop = Drop
lesion-drop-hint = Leave the block's branch F(x) out; the shortcut stays, also where it changes the shape. In a plain network the whole block is left out, which takes a block whose output has its input's shape.
lesion-swap = Swap
lesion-swap-hint = Two neighbours within a stage change places, their batch norm's statistics with them
lesion-scramble = Scramble
lesion-scramble-hint = The weights within each of the block's convolutions change places at random; batch norm stays. Not in the paper.
lesion-images = Test pictures
lesion-images-hint = The first so many pictures of the test split; all if there are fewer. With 500 the standard error of an accuracy is at most 2.2 points.
lesion-reestimate = statistics anew
lesion-reestimate-hint = After each lesion, estimate batch norm's running statistics anew from 50 training batches. Without it they are those that training has left, as in the paper; then part of the damage is that they no longer fit.
lesion-twin = and its twin
lesion-twin-hint = Do the same to the network's twin: without skips where this one has some, with skips where it has none. It is trained first, from the same seed on the same batches, for as many steps as this one has done.
lesion-undo = Each lesion is done on a copy and undone before the next. Your network stays as it is.
lesion-empty = A bar for each block shows the test accuracy without it. Press Space to start.
lesion-dropped = With one block dropped, on average:
lesion-swapped = With two neighbours swapped, on average:
lesion-scrambled = With one block scrambled, on average:
lesion-kept = statistics not re-estimated
lesion-anew = statistics estimated anew
lesion-and = { " and " }
lesion-reshapes = This block changes the shape: half the pixels a side, or more channels.
lesion-cannot-drop = Impossible: it changes the shape, and nothing else carries the signal past it.
lesion-cannot-swap = Impossible: one of them changes the shape.
lesion-on-average = { $what }{ " " }
lesion-intact-was = { " " }(intact { $share })
lesion-trained = trained here for { $steps } steps
lesion-after = after { $steps } steps
lesion-about = { $network } · { $images } test pictures · { $statistics }
lesion-chance = chance { $share }
lesion-intact = intact { $share }
lesion-without = without { $blocks }
lesion-exchanged = { $blocks } swapped
lesion-shuffled = { $blocks } scrambled
lesion-left = : { $share } ({ $points } points), loss { $loss } nats

## The cause lab

cause-name = Cause lab
cause-asks = Why are deep networks hard to train?
cause-hint = Small runs over depth × skip × batch norm × initial weights, each looked at before its first step and after some more. Whether gradients vanish and whether their norms are healthy are two questions.
cause-measured = each cell one run, one seed · measured on the training batch of that step
cause-ratio = first ÷ last
cause-ratio-hint = Gradient norm of the first block's first convolution ÷ that of the last block's. Below 1 gradients shrink towards the input, above 1 they grow. Colours: factors of 10⁻⁶ to 10⁶.
cause-growth = growth
cause-growth-hint = By what factor the standard deviation of the activations grows from a block to the next of the same stage, after ReLU: geometric mean. A skip alone makes about √2.
cause-dead = dead ReLUs
cause-dead-hint = Share of the blocks' output channels that are 0 everywhere in the batch
cause-loss = loss
cause-loss-hint = Mean cross-entropy of the step's training batch in nats; ln 10 = 2.30 is what ignorance costs.
cause-fixup = Fixup
cause-fixup-hint = Zhang et al. 2019: a branch's last convolution starts at 0, its others are multiplied by L^(−1/(2m−2)) for L blocks of m layers, the classifier starts at 0. Left out: Fixup's scalar biases and multipliers. Plain networks are left out: nothing would get through them.
cause-depths = Depth
cause-depths-hint = Layers: 6n + 2 in three stages of 16, 32 and 64 channels, with skips (option A) and without
cause-inits = Initial weights
cause-inits-hint = Distributions that the weights are drawn from
cause-steps = Measured before step
cause-steps-hint = Training steps done before something is measured; 0 is at initialisation
cause-batch-hint = Images in a step. Batch norm takes its statistics from them.
cause-lr-hint = Learning rate of every run, constant
cause-step-hint = Training steps done before
cause-no-bn = no batch norm
cause-no-sense = Left out: with Fixup every branch starts at 0, and nothing gets through a plain network.
cause-waits = not run yet
cause-yes = yes
cause-no = no
cause-vanish = vanish
cause-vanish-hint = Gradients vanish if the first block's is less than a thousandth of the last block's, or 0.
cause-healthy = healthy norms
cause-healthy-hint = Norms are healthy if the largest of the blocks' convolutions is at most 100 times the smallest: of one size. Stem and classifier are not counted.
cause-claims = Two claims, two answers
cause-claims-hint = He et al. 2015, §4.1, of plain networks with batch norm: the difficulty is “unlikely to be caused by vanishing gradients”, and “the backward propagated gradients exhibit healthy norms”. At initialisation the second fails in deep plain networks: there gradients grow towards the input (Yang et al. 2019).
cause-plain-bn = plain, batch norm
cause-plain-bare = plain, no batch norm
cause-skip-bn = skips, batch norm
cause-skip-bare = skips, no batch norm
cause-layers = layer by layer
cause-choose = Press a cell to see its layers.
cause-gradient = Gradient norm
cause-output = Output std
cause-output-hint = Standard deviation of each block's output after ReLU, over the batch, all channels and pixels
cause-response = Response std
cause-response-hint = Standard deviation of each branch's last layer, after batch norm and before the sum and ReLU: every second layer response of He et al. 2015, Fig. 7
cause-twin-hint = Also draw the run that differs in its skips alone, dashed, at the same step
cause-layer-axis = layer
cause-block-axis = block
cause-says = { $runs ->
    [one] Of 1 plain network with batch norm,{ " " }
   *[other] Of { $runs } plain networks with batch norm,{ " " }
}
cause-says-vanish = gradients vanish in { $n }
cause-says-healthy = norms are healthy in { $n }
cause-runs = { $n ->
    [one] 1 run
   *[other] { $n } runs
}
cause-at = before step { $step } · one seed a cell
cause-step = step { $step }
cause-diverged = { $what } went to NaN or ∞ at step { $step }
cause-claims-at = runs in which it is so, before step { $step } · without Fixup
cause-of-runs = { $n } of { $of }
cause-zeros = { $n } of { $of } layers: 0
cause-block = block { $n }
## Laboratory: is this real?

trust-name = Is this real?
trust-asks = Does the GPU compute what the formulas say?
trust-hint = One training step on four pictures, held layer by layer against a second implementation: naive loops in double precision (f64) on the CPU.
trust-empty = Space compares one training step, layer by layer, with a second implementation in double precision: a bar a layer.
trust-measured = batch of four training pictures, training mode, forward, backward and one update · each layer compared by itself, given the GPU's own inputs
trust-needs = Checks a copy of the network in Watch as it is now, with the same kernels.
trust-output = output
trust-loss = loss
trust-input-gradient = gradient of the input
trust-shortcut-gradient = gradient of the shortcut
trust-weight-gradient = gradient of the weights
trust-gamma-gradient = gradient of γ
trust-beta-gradient = gradient of β
trust-bias-gradient = gradient of the bias
trust-update = weights after the step
trust-repeat = The same run in a terminal
trust-repeat-hint = The command that trains the same network from its first step without a window: bit for bit the same numbers with the same adapter, driver, build and kernel variants.
trust-copy = Copy
trust-copy-hint = Copy the command line to the clipboard
trust-deviation = Largest deviation of every layer
trust-deviation-hint = Largest |GPU − reference| of any value of the tensor, divided by the reference's largest |value|. The reference gets what the GPU gave the layer, so a fault shows at the layer that has it.
trust-deviation-about = bar: deviation, one layer by itself · ring: drift from a pass that is f64 throughout, not judged · press a layer for its numbers and kernels
trust-forward = Forward
trust-forward-about = outputs, loss
trust-gradients = Gradients
trust-gradients-about = of inputs and parameters
trust-updates = Update
trust-updates-about = after SGD
trust-layer = Layer
trust-waiting = Layers appear here as they are checked.
trust-layer-hint = One layer of the step: everything that was compared there
trust-layer-about = relative to the largest value of each tensor
trust-compared = compared
trust-deviation-name = deviation
trust-allowed-name = allowed
trust-allowed-hint = Several times what rounding in single precision makes in one operation, and a small part of what a wrong term makes. Fixed in the code, the same for every network.
trust-drift = drift
trust-drift-hint = Deviation from a reference that went the whole way from the pictures in f64. It grows with depth by nature, since each layer multiplies the rounding before it, and is not judged.
trust-within = within
trust-too-far = too far off
trust-slope = One weight's slope
trust-slope-hint = How much the loss changes when this one number changes: ∂L/∂w by finite differences, (L(w+h) − L(w−h)) ÷ 2h, in f64. It knows nothing of backpropagation, so it tests it.
trust-no-weights = This layer has no parameters; choose a convolution, a batch norm or fc.
trust-parameter-hint = The layer's parameter whose values are shown, with PyTorch's name
trust-index = Scalar
trust-index-hint = Which number of the parameter, counted from 0 in PyTorch's order; or press one in the picture
trust-measure = Measure its slope
trust-measure-hint = Four forward passes of the f64 reference: at w ± h and w ± h/2
trust-by-gpu = gradient, GPU
trust-by-reference = gradient, f64 reference
trust-flat = The loss does not depend on this weight here: nothing that it feeds gets through.
trust-kernels = Kernels
trust-kernels-hint = What really runs on the GPU for this layer, in the order of a training step
trust-times = Time them
trust-times-hint = Execute one training step of the network in Watch layer by layer, each alone on the GPU, and take the time
trust-phase-probe = measuring
trust-kernel-hint = Press to see what it is given, and its WGSL source
trust-off = { $faults ->
    [one] { $faults } of { $n } comparisons is off, in { $layer }
   *[other] { $faults } of { $n } comparisons are off, first in { $layer }
}
trust-agrees = { $n } comparisons, all within tolerance
trust-about = { $name }, { $images } pictures, on { $adapter } · loss { $gpu } (GPU), { $reference } (reference)
trust-repeat-about = seed { $seed } · from the run's first step
trust-no-line = No command line repeats this run: { $what } has no flag. Save the run (Files) and go on with it by --resume.
trust-allowed = allowed { $value }
trust-drift-of = drift { $value }
trust-weights-of = Values of { $name }
trust-weights-about = { $shape }, an output channel a row · colour from −{ $most } to { $most } · press a value to choose it
trust-not-measured = { $name }, scalar { $index }: { $value }
trust-by-h = difference, h = { $h }
trust-by-half = difference, h/2
trust-kink = Kink: the differences at h = { $h } and h/2 disagree. A ReLU or a maximum switches in between, and the loss has no slope there to compare with.
trust-apart = From the difference at h/2 the GPU's gradient is { $gpu } away, the reference's { $reference }, relative.
trust-kernels-about = at the run's batch of { $batch } · workgroups of the dispatch, work
trust-layer-time = layer { $time }
trust-workgroups = { $n } workgroups
trust-reads = reads { $reads } · writes { $writes }
trust-uniform = parameters { $params }

engines-name = Two engines
engines-asks = Does a framework that others wrote come to the same run?
engines-hint = The network in Watch trains anew for a few steps in Skipscope’s own engine and in Burn: same initial weights, same batches, same updates. Only rounding may tell them apart.
engines-empty = Space trains the network in both engines for a few steps and sets every loss, every gradient norm and all weights side by side.
engines-measured = same seed, initial weights, batches and updates · deviations relative to Skipscope’s own values · judged: the loss of the first step
engines-needs = Both start from initial weights; the network in Watch stays as it is.
engines-other = Second engine
engines-steps = Steps
engines-steps-hint = Training steps in both, at most as many as the recipe has. Each multiplies the differences that rounding made before it, most in deep plain networks.
engines-losses = Loss of every step
engines-losses-hint = Mean cross-entropy over the step’s batch, before its update
engines-losses-about = allowed in the first step: { $allowed } · later steps grow apart, as training multiplies rounding
engines-parameters = Gradients and weights
engines-parameters-hint = Every parameter with PyTorch’s name: how far Burn is from Skipscope, relative to Skipscope’s value
engines-parameters-about = bar: from 10⁻⁸, single precision’s last bit, to 1, logarithmic
engines-parameter = parameter
engines-gradient = gradient
engines-gradient-hint = L2 norm of the parameter’s gradient in the first step, in Skipscope’s engine
engines-first = off in the first step
engines-first-hint = |A − B| ÷ |A|
engines-worst = off at most, any step
engines-worst-hint = Largest relative deviation of the gradient’s norm in any of the steps
engines-weights = weights at the end
engines-weights-hint = ‖A − B‖ ÷ ‖A‖ of the parameter’s values after the last step
engines-waiting = Parameters appear here after the last step.
engines-agree = First losses agree: { $deviation } apart
engines-equal = First losses agree to the last bit
engines-differ = First losses are { $deviation } apart, where { $allowed } is allowed
engines-about = { $name }, batches of { $batch } · A: Skipscope on { $own } · B: { $other }

## Laboratory: paths

paths-name = Paths
paths-asks = Is a deep ResNet many shallow networks?
paths-hint = A residual network unrolled into its 2ⁿ paths, through each block's branch or past it (Veit et al. 2016): how many of each length, how much gradient comes back through them, and what each part adds to one logit.
paths-empty = Space samples paths through the network: their number and gradient by length, and one logit taken apart.
paths-measured = evaluation mode, batch norm folded in · loss gradient at the first block's input, mean norm over the pictures · sampled paths, ± standard error
paths-needs = Looks at a copy of the network in Watch as it is now. Most telling once it is trained.
paths-samples = Paths of each length
paths-samples-hint = How many paths of each length are sampled, or all where there are fewer
paths-images = Pictures
paths-images-hint = Test pictures whose gradients are averaged, the first ones, the first itself replaced by the test picture that Watch looks at; of that one a logit is taken apart
paths-class = Logit of
paths-class-hint = The class whose logit is taken apart
paths-winner = the class that wins
paths-note = These blocks have a ReLU after the sum, so the network is not simply a sum of paths: what its ReLUs let through depends on all paths together. With the masks frozen at one picture it is one, for that picture.
paths-lengths-title = Paths and gradient by length
paths-lengths-hint = A path's length is the number of branches that it goes through. Bars: share of the 2ⁿ paths, a binomial distribution. Line: gradient of one such path times their number, as a share of all lengths.
paths-lengths-about = bars: share of all paths · line: share of the gradient
paths-branches = branches on the path
paths-gradient = Gradient through one path
paths-gradient-hint = Norm of the loss's gradient at the first block's input when it may come back along one path only: backward gates close all others. Forward, nothing changes.
paths-gradient-about = mean of the sampled paths of each length, ± standard error · log
paths-all = All paths
paths-some = { $n } of { $of } paths
paths-all-hint = Each row is one way through the network: at each block through the branch F, or past it through the skip
paths-all-about = F: through the branch · arc: through the skip · bar: gradient that comes back this way
paths-way-gradient = gradient norm
paths-skip = skip
paths-branch = branch F
paths-biases = later biases
paths-logit = One logit, taken apart
paths-logit-hint = With every ReLU frozen as it stands for this picture the network is affine. At each block the logit is what its skip and its branch carry to the end, plus the biases of all later layers.
paths-logit-waits = Taken apart layer by layer in f64; it appears when the last layer is done.
paths-range = { $from } to { $to }
paths-of = Of { $count } paths, those through{ " " }
paths-lengths = { $lengths } branches
paths-carry = { " " }carry 90 % of the gradient; they are { $share } of all
paths-through = { $n ->
    [one] Paths through one branch
   *[other] Paths through { $n } branches
}
paths-share-of = { $share } of all paths
paths-one = one path: gradient { $gradient }, mean of { $samples }
paths-together = all of them: { $share } of the gradient
paths-logit-about = test picture { $picture }, class { $class } · at each block the parts add up to the logit
paths-sum = picture { $image } + biases of { $n } layers { $biases } = { $sum } · GPU, with batch norm as it is: { $logit }
paths-off = largest difference of any such sum from the GPU's logit: { $off } of the largest logit (rounding is up to { $allowed })
paths-level = logit of { $class } { $value }

## Laboratory: loss landscape

landscape-name = Loss landscape
landscape-asks = Does a skip make the loss smoother?
landscape-hint = The loss around trained weights along two directions (Li et al. 2018): random ones, normalised filter by filter so that networks can be compared, or the plane in which the run itself has moved most.
landscape-empty = Space measures the loss around trained weights: a picture a network, coarse first, then finer.
landscape-measured = mean cross-entropy of training pictures in nats · weights moved on the GPU, batch norm's γ, β and biases left alone · coarse grid first, then finer
landscape-needs = The network in Watch and its twin are trained anew, by the recipe in Watch.
landscape-anew = train anew
landscape-anew-hint = Networks like the one in Watch are trained from the start, with snapshots on the way: their run's plane can be shown, too
landscape-present = this network
landscape-present-hint = The network in Watch as it is now, lesions, cuts and all
landscape-needs-present = The network in Watch as it is; its twin is trained anew for as many steps, by the recipe as it is now.
landscape-twin = Beside its twin
landscape-twin-hint = The same layers with or without skips, trained alike, on the same scale
landscape-steps = Training steps
landscape-steps-hint = Each network is trained for so many steps first, from the same initial weights
landscape-size = Points along an axis
landscape-size-hint = 5, 9, 17, … points, so that there is a coarser grid within; the loss is measured at the square of it
landscape-reach = Reach
landscape-reach-hint = How far random directions go, in norms of each filter: at 1 every filter is changed by as much as it is long
landscape-images = Pictures
landscape-images-hint = Training pictures, the first ones, that each point's loss is the mean over
landscape-statistics = Batch norm normalises with
landscape-running = running
landscape-running-hint = The running statistics of the unmoved network, as in evaluation
landscape-batch = each batch
landscape-batch-hint = Statistics of each batch, measured anew at every point: those of the moved network
landscape-path = The run's own plane, too
landscape-path-hint = A second surface in the plane of the first two principal components of the run's weights, with its path
landscape-basin = Within 1 nat of the least loss:{ " " }
landscape-random = random directions
landscape-random-hint = Two random directions, each filter of them as long as the network's own; batch norm's parameters and biases are not moved
landscape-run = the run's plane
landscape-run-hint = The first two principal components of the run's snapshots: the plane in which the weights have moved most
landscape-contour = contours
landscape-contour-hint = From above: a square a measured point, lines of equal loss
landscape-relief = 3-D
landscape-relief-hint = As a relief; drag to turn it
landscape-waits = Its turn comes.
landscape-lane-hint = The network at whose trained weights the surface has its middle
landscape-soon = The surface begins when all networks are trained.
landscape-turn = Drag to turn and tilt the relief.
landscape-height = height and colour: loss, log
landscape-scale = loss in nats, log, one scale for all
landscape-scale-clipped = loss in nats, log, one scale for all · higher losses are drawn as the highest
landscape-after = after { $steps } steps
landscape-about = { $known } of { $of } points · loss { $low } to { $high } nats
landscape-trains = trained up to step { $step }, batch loss { $loss }
landscape-component = component { $k }: { $share } of the variance
landscape-direction = direction { $k }, in filter norms
landscape-picture = Loss around { $name }
landscape-point = at { $a }, { $b }: loss { $loss } nats, accuracy { $accuracy }
landscape-step = step { $step }

## Laboratory: identity is easy

identity-name = Identity is easy
identity-asks = Does a skip make it easy to change nothing?
identity-hint = A stack of blocks learns ReLU(x + 0.1·r(x)), the identity and a small known residual, with and without skip and batch norm (the suggestion of He et al. 2015, §3.1, as an experiment).
identity-empty = Space lets blocks with and without skip learn the identity: how much each still changes its input, step by step.
identity-measured = random inputs ≥ 0, as after a ReLU · mean squared error · every lane with each learning rate, momentum 0.9
identity-blocks = Blocks
identity-blocks-hint = Blocks of two 3×3 convolutions, one after the other
identity-steps = Steps
identity-steps-hint = Steps of each run, 16 inputs of 8×8 pixels and 16 channels each
identity-seeds = Seeds
identity-seeds-hint = Each lane runs with so many seeds: other initial weights and other inputs
identity-rates = Learning rates
identity-rates-few = one
identity-rates-few-hint = 0.1 for all
identity-rates-all = four
identity-rates-all-hint = 0.02, 0.1, 0.5 and 2, so that no lane is judged by another's learning rate
identity-zero = Zero-initialised γ
identity-zero-hint = Adds a lane whose last γ of each block starts at 0, so that the block starts as the identity (Goyal et al. 2017, §5.1). A plain block cannot have it: its output would be 0, and so would every gradient.
identity-skip = skip
identity-plain = plain
identity-never = never
identity-after = As good as the exact identity after steps:{ " " }
identity-best = best
identity-best-hint = For each lane the learning rate with the lowest last loss, mean of the seeds
identity-rate-hint = The learning rate of the runs that are shown
identity-ratio = ‖F(x)‖ ÷ ‖x‖
identity-ratio-hint = How much the branch puts out beside what comes in, mean of the blocks. With a skip the wanted residual alone is left to F; a plain block has to make all of x.
identity-ratio-about = mean of all blocks and seeds, 10 steps a point · log
identity-loss = Mean squared error
identity-loss-hint = Before each step's update, mean of its last ten steps in the table
identity-loss-about = mean of the seeds, 10 steps a point · log
identity-gamma = γ of the last batch norm
identity-gamma-hint = Root mean square of the last block's last γ: what scales F(x) where there is batch norm
identity-gamma-about = root mean square, last block · only with BN
identity-level = exact identity
identity-half = half of it
identity-table = Steps needed
identity-table-hint = First step at which the loss, averaged over ten steps, is at most that of the exact identity, or half of it
identity-waits = Lanes appear here with their first steps.
identity-lane = lane
identity-to-identity = steps to the identity
identity-to-identity-hint = Until the loss is that of a network that puts out x unchanged
identity-to-residual = steps to the residual
identity-to-residual-hint = Until it is half of that, for which part of the residual must have been learnt
identity-last = last loss
identity-from-to = ‖F‖ ÷ ‖x‖ first → last
identity-gamma-last = γ
identity-range = { $from } to { $to }
identity-some-never = { $range }, { $never } of { $of } never
identity-at = { $name } step { $step }: { $value }
identity-table-about = { $blocks } blocks · the residual is { $residual } of x · loss of the exact identity { $loss }

# The past.
past-time = Time
past-time-hint = The network as it was after so many steps: maps, prediction, gradients, test split and experiments are those of that moment. Training waits, and no bit of the present is lost. A tick is a moment that is kept; the older, the fewer ( , and . walk through them )
past-none = Moments are kept as training goes on, as far as the memory allows; there is none yet
past-step = step { $step }
past-kept = { $n ->
    [one] One moment is kept
   *[other] { $n } moments are kept
}: at most 48, in a quarter of the memory that the network leaves, so that large networks have few
past-then = Then
past-now = { " " }/ now { $step }
past-words = Then: step { $step } (now: { $now })
past-back = Back to now
past-back-hint = The present again, to the last bit
past-branch = Branch from here
past-branch-hint = Train on from this moment as a new run; the curves so far stay to be compared with
past-compare-hint = The same channel of the same image with the present weights, on the same scale of colours
parted = Trained on after a lesion: another run, { $name }. { $before } stays among the runs as it was.
branched = A new run goes on from step { $step }.
key-earlier = an earlier moment of the run
key-later = a later one, and back to now

# Shattered gradients.
shatter-name = Shattered gradients
shatter-asks = Do gradients of like pictures point the same way before training?
shatter-hint = Inputs on a straight line between two pictures; the gradient of a fixed random projection of the logits with respect to each; the cosine of two gradients against the distance of their inputs (Balduzzi et al. 2017). White noise is at 0.
shatter-measured = at initialisation (He), 6n + 2 layers · cosine of input gradients along a line between two pictures, mean over line and seeds · batch norm keeps the statistics of 64 pictures
shatter-empty = Here the correlation of gradients appears, against the distance of two inputs and against depth, with what theory says. Press Space.
shatter-by-lag = Correlation against distance
shatter-by-depth = Correlation against depth
shatter-lag = distance, share of the line
shatter-depth = layers
shatter-error = ± standard error over seeds, each with its own weights, projection and pictures
shatter-theory = dashed: theory for inputs that have nothing in common
shatter-theory-hint = Balduzzi et al. 2017, Theorems 1 to 3: 2⁻ⁿ plain, n rectified layers; (3/4)ⁿ with skips and without batch norm, 1/√n with both, n blocks, the last up to a constant. None for plain with batch norm. Points of a line between pictures are alike: measured values are expected above the first two.
shatter-points = Inputs on the line
shatter-points-hint = Points of each line; distances are whole numbers of the gaps between them
shatter-seeds-hint = Each seed has its own weights, projection and pair of pictures; the paper averages over many
shatter-depth-hint = Layers of the plain and of the residual network, 6n + 2
shatter-apart = { $depth } layers, { $lag } of the line apart:{ " " }
shatter-lag-hint = Distance of the two inputs in this plot, as a share of the line between two pictures
shatter-at = { $name }, { $at }: { $value }
identity-not-yet = not yet

# α on the skip.
alphas-name = α on the skip
alphas-asks = Why is a skip left at α = 1?
alphas-hint = ReLU(α·shortcut(x) + F(x)) before training: how much the signal grows from block to block, and what comes back of the gradient through the skips alone, for several α (He et al. 2016, §3.1).
alphas-measured = at initialisation (He), residual network of 6n + 2 layers, option A · one batch of 32 training pictures, training mode · gradient of a fixed random projection of the logits at the first block's input
alphas-empty = Here the growth of the signal appears, block by block, and beside it the gradient through the skips alone with αⁿ, for several α. Press Space.
alphas-depth-hint = Layers of the residual network, 6n + 2, with three blocks for each n
alphas-bare = no batch norm
alphas-bare-hint = Nothing but α holds the signal back
alphas-bn-hint = Branches are normalised, the sum is not: it grows all the same
alphas-seeds-hint = Means over so many initial weights
alphas-and = { " " }·{ " " }
alphas-grows = signal × { $times }
alphas-skip-left = skips' gradient × { $share }
alphas-signal = Signal: std of every block's output
alphas-signal-hint = Standard deviation over batch, channels and pixels after ReLU. Two summands of like size make it grow by about √2 a block at α = 1; α < 1 tames that.
alphas-signal-about = after ReLU, mean over seeds
alphas-gradient = Gradient through the skips alone
alphas-gradient-hint = Norm of the gradient at the first block's input with every branch cut on the way back, as a share of the same at α = 1. Each skip weighs it by α: αⁿ after n blocks. What is left of a difference is that other units are let through by the ReLUs.
alphas-gradient-about = as a share of that at α = 1, ± standard error over seeds · dashed: αⁿ
alphas-measured-here = measured
alphas-at = α = { $alpha }, block { $block }: std { $value }
alphas-told =
    α = { $alpha }
    through the skips alone, share of that at α = 1: { $skip }
    αⁿ: { $theory }
    as a share of the whole gradient: { $whole }

# A grid that is opened, and its seeds.
cause-seeds-hint = Every run with so many initial weights and orders of pictures: cells show the first, bands in the layers reach from the lowest to the highest
cause-opened = the opened grid's recipe
cause-opened-hint = What the runs have in common beside these controls is as in the file, so that it can be gone on with
cause-open = Open grid…
cause-open-hint = A grid that was saved as JSON here or in the terminal: it is shown, and its missing runs can be added
cause-no-grid = it holds no grid of small runs
cause-other-data = This grid was made on { $data }: load those pictures to go on with it.
cause-seeds = { $n } seeds: { $low } to { $high }

# What an experiment is doing.
lab-paths = sampling paths
lab-logit = taking one logit apart
lab-trains = training { $name }
lab-intact = { $name } as it is
lab-surface = the loss around { $name }
lab-seed = { $name }, seed { $seed }
