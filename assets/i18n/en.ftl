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
augment-hint = Shift each training picture by up to 4 pixels and mirror half of them.
build-hint = Lay out the network, compile its kernels, draw initial weights
build-same = This network is built. Change something above to build another.

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
download-gone = The downloaded CIFAR-10 archive is gone.

## The network's picture

measured = one image, forward; one batch, backward
arc-caption = arc width: share through the skip
plain-caption = no skips: everything goes through F(x)
gradient = Gradient norm
gradient-caption = each layer, now
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
stem-hint = The first convolution with its ReLU: maps of highest variance
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
play-hint = Execute a layer every quarter of a second
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
key-image = previous or next image
key-block = previous or next block; Enter opens it
key-fit = fit the map to its width
key-theme = dark or light
key-language = English or Chinese
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
chart-point =
    { $series } { $value }
    step { $step }
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
