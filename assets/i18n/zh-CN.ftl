# 窗口中的全部文字（简体中文）。What the window says, in Simplified Chinese.
#
# Terms: skip 捷径, branch 分支, plain network 普通网络, epoch 轮次, batch 批次, recipe 训练方案. Layer and parameter
# names, F(x), α, conv, BN and ReLU stay as they are. Full-width punctuation in sentences, half-width around
# numbers.

app-name = Skipscope

## Transport

run = 运行
pause = 暂停
run-again = 重新运行
step = 单步
restart = 重置
theme = 主题
help = 帮助
run-hint = 训练到方案的最后一步（空格键）
run-waits = 还没有可训练的网络：请先构建一个，或等待它的内核编译完成。
pause-hint = 当前这一步结束后暂停（空格键）。不会丢失任何内容，按“运行”即可继续。
step-hint = 训练一步：一个批次的前向、反向和更新（S）
restart-hint = 回到初始权重，随机种子不变（R）
theme-hint = 深色或浅色（T）
language-hint = 切换到英文（L）
help-hint = 快捷键与读图方法（?）
epoch = 轮次
epoch-hint = 训练集已经用过几遍：当前第几轮，共几轮
step-label = 步
step-readout-hint = 到目前为止权重更新的次数，每个批次更新一次
images-per-s = 图/秒
images-per-s-hint = 最近几秒的训练速度，包括前向、反向和更新
left = 剩余
left-hint = 按当前速度，到方案最后一步还需要的时间
adapter = 显卡
adapter-hint = WebGPU 用来运行计算着色器的设备

## Network

network = 网络
network-hint = 深度按论文的算法：主路径上的卷积层加上分类层。ResNet-20 到 110 是 He 等人 2015 年论文 4.2 节的 CIFAR 网络，18 到 152 出自表 1。普通网络的层完全相同，只是没有捷径。
residual-group = 残差网络
plain-group = 普通网络：层相同，没有捷径
parameters = 参数量
parameters-hint = 全部可训练参数的个数
macs = 乘加/图
macs-hint = 一张图像前向传播的乘加次数。训练一步，每张图像的计算量大约是它的三倍。
gpu-memory = 显存
gpu-memory-hint = 在 GPU 上分配的缓冲区：图像、权重、激活值、梯度、动量
shortcut = 捷径
shortcut-hint = 形状改变处，与分支并行的捷径如何处理。
shortcut-a = A
shortcut-b = B
shortcut-none = 无
shortcut-a-hint = 方案 A：隔一个像素取一个，新增通道补零，不含参数。
shortcut-b-hint = 方案 B：形状改变处用 1×1 卷积，其余为恒等捷径。
shortcut-none-hint = 没有捷径：层完全相同的普通网络。
batch-norm = 批归一化
batch-norm-hint = 每个卷积之后，按批次对各通道做归一化。关闭后，每个卷积带偏置。

## Data

data = 数据
data-hint = 用来训练的图像。shapes10 在本机生成；也可以打开 CIFAR-10 压缩包（.tar.gz），或把它拖到窗口中。
data-counts-hint = 训练集和测试集的图像数
no-data = 尚无
open-archive = 打开压缩包…
shapes10 = shapes10

## Recipe

recipe = 训练方案
learning-rate = 学习率
learning-rate-hint = 随机梯度下降的步长，从下一步起生效。
schedule-constant = 恒定
schedule-step = 阶梯
schedule-cosine = 余弦
schedule-constant-hint = 学习率始终不变。
schedule-step-hint = 训练过半后降为十分之一，过四分之三后降为百分之一。
schedule-cosine-hint = 沿半个余弦降到零。
schedule-plot-hint = 整个训练过程的学习率，圆点是现在。
batch = 批次大小
batch-hint = 每一步用多少张图像。批次越大，梯度越平稳，占用显存越多。改动后需要重新构建。
momentum = 动量
momentum-hint = 上一次更新有多少保留到下一次。
weight-decay = 权重衰减
weight-decay-hint = L2 惩罚：把这个系数乘以权重，加到它的梯度上。
epochs = 轮数
epochs-hint = 训练结束前，把训练集用多少遍。
seed = 随机种子
seed-hint = 初始权重、图像顺序和数据增强都由它决定。改动后需要重新构建。
init = 初始化
init-torch = PyTorch
init-he = He
init-torch-hint = 在 ±1/√fan_in 内均匀分布，PyTorch 的默认做法。改动后需要重新构建。
init-he-hint = 正态分布，标准差 √(2/fan_in)，He 等人 2015。改动后需要重新构建。
nesterov = Nesterov
nesterov-hint = 先沿动量方向前瞻，再应用梯度。
augment = 裁剪 + 翻转
resize = 放大到 224
resize-hint = 像文章的演示那样，把 32 px 的图像放大到 224 px 再送入网络。每张特征图变为 49 倍大，计算量和显存随之增加；需要重新构建网络。
augment-hint = 每张训练图像随机平移，最多 4 个像素；其中一半左右翻转。
build-hint = 搭建网络，编译内核，生成初始权重

## Engines

engine = 引擎
engine-hint = 用什么计算网络。Burn 是别人写的框架：权重、批次、更新都相同，训练过程也应当相同。
engine-own = Skipscope
engine-own-hint = 自己的 WGSL 内核。改动后需要重新构建。
engine-burn = Burn
engine-burn-hint = Burn 通过 wgpu 在同一块显卡上计算。第一步会逐个试内核，需要一些时间。改动后需要重新构建。
engine-burn-cpu = Burn，CPU
engine-burn-cpu-hint = Burn 在 CPU 上计算，不用显卡。改动后需要重新构建。
only-own-engine = Burn 一次算完整个步骤。要看网络内部，请改用 Skipscope 自己的引擎重新构建。

## Files

evaluate = 评估
evaluate-hint = 立即在整个测试集上测量损失和准确率（E）
save = 保存
save-hint = 把权重和优化器状态保存为 safetensors 文件，名称与 torchvision 一致
load = 载入
load-hint = 从 safetensors 文件继续训练，也可以把文件拖到窗口中
drop-here = 把 CIFAR-10 压缩包（.tar.gz）或检查点（.safetensors）拖到这里
archive-filter = CIFAR-10 压缩包
checkpoint-filter = safetensors 检查点
no-font = 这不是字体文件
download-gone = 下载好的 CIFAR-10 压缩包不见了。

## The network's picture

measured = 单张图像前向；一个批次反向
arc-caption = 弧线粗细：经捷径传来的信号占比
plain-caption = 没有捷径：信号全部经过 F(x)
gradient = 梯度范数
gradient-caption = 各层，当前
gradient-caption-then = 各层，当时
backward = ← 反向
gradient-hint = 最近一步中，损失对各层权重的梯度的长度，‖∂L/∂W‖。对数坐标轴，只按整十倍扩大，从不缩小。
first-by-last = 首个 ÷ 末个卷积
norm-symbol = ‖∂L/∂W‖
no-network = 还没有网络。请在左侧选择一个，然后按“构建”。
measured-hint = 特征图显示一张图像在网络中前向传播的过程（BN 使用滑动统计量）。弧线、梯度和其余数值都在最近一个训练批次上测得。
colour-by-hint = 卡片下方的色条和历史图按哪个量着色
measure-gradient = 梯度范数
measure-gradient-hint = 损失对权重的梯度的长度，‖∂L/∂W‖；卡片上是该块全部权重的合计。颜色由弱到强，不表示好坏。
measure-std = 激活标准差
measure-std-hint = 该块 ReLU 之后的输出在整个批次、全部通道和像素上的标准差
measure-std-symbol = 输出的标准差
measure-update = 更新量 ÷ 权重
measure-update-hint = 最近一次更新的长度除以权重的长度，‖ΔW‖ ÷ ‖W‖。常见值约为 10⁻³。
measure-update-symbol = ‖ΔW‖ ÷ ‖W‖
measure-weight = 权重范数
measure-weight-hint = 一层权重的长度，‖W‖；卡片上是该块全部权重的合计。权重衰减使它变小，更新使它变动。
measure-weight-symbol = ‖W‖
measure-dead = 失活 ReLU
measure-dead-hint = 该块的输出通道中，在整个批次里处处为 0 的比例
measure-dead-symbol = 通道比例
measure-time = 时间
measure-time-hint = 该块在一个训练步中前向加反向所用的时间；为此逐层执行该步，训练时每 10 秒重测一次
measure-time-symbol = 每步秒数
times-wait = 尚未测量
shared-log = 对数着色，统一标度
shared-linear = 线性着色，统一标度
maps-hint = 特征图显示每个块的哪个张量
maps-output = ReLU 之后
maps-sum = ReLU 之前
maps-branch = F(x)
own-scale = 各自标度
own-scale-hint = 每张特征图使用各自的颜色标度，便于看清较弱的通道。否则同一块的特征图共用一个标度，颜色可以相互比较。
maps-own = 每张图使用各自的标度
maps-broken = { " " }· 斜线：NaN 或 ∞
image = 图像
previous-image = 上一张图像（[）
next-image = 下一张图像（]）
own-picture = 你的图像
picture-hint = 送入网络的图像，归一化之前的样子
stem-maps-hint = 第一个卷积及其 ReLU：方差最大的特征图
head-hint = 全局平均池化，然后是分类器
prediction = 预测
prediction-hint = 左侧图像的 logits 经 softmax 得到的概率。对勾表示真实类别。
so-far-hint = 自选中这张图像以来，网络给它真实类别的概率，从 0 到 1
fold-hint = 点击可把这一阶段折叠成一张卡片
unfold-hint = 已折叠：特征图取自最后一个块，其余数值为各块的平均。点击展开。
card-hint = 单击选中，双击或按 Enter 打开显微镜。← → 切换块，F 折叠阶段，滚轮缩放，0 适应窗口。
history = 历史
newest-on-top = 最新在最上
history-hint = 训练开始以来的每一层：每一行是若干步，最新在最上，颜色见右侧标度。每行为平均值；训练越长，每行覆盖的步数越多。
now = 现在
bar-update-norm = 更新量范数 ‖ΔW‖
step-through = 逐层执行
step-through-hint = 暂停，并把下一个训练步逐层执行，先前向，再反向（G）
next-layer = 下一层
next-layer-hint = 执行下一层（N）
play = 播放
hold = 停住
play-hint = 按速度滑块逐层执行：每秒一步时每秒四层，最多每秒二十层
finish-step = 完成这一步
finish-step-hint = 立即执行这一步剩余的部分（Escape）
phase-forward = 前向
phase-loss = 损失
phase-backward = 反向
phase-update = 更新
slice-output = 它的输出，批次中的一张图像
slice-gradient = 它输入处的梯度，批次中的一张图像
slice-update = 优化器更新全部权重

## Charts

train-loss = 训练损失
test-loss = 测试损失
test-accuracy = 测试准确率
train-loss-hint = 训练批次的平均交叉熵，按大约 25 步平滑。细线是每个批次的值。
test-loss-hint = 每轮结束后，整个测试集的平均交叉熵。10 个类别随机猜测时为 2.303。
test-accuracy-hint = 每轮结束后，测试集中最大 logit 落在正确类别上的比例
loss = 损失
accuracy = 准确率
lines-caption = 实线训练 · 虚线测试
log-axis = 对数
log-axis-hint = 损失用对数坐标轴：距离相等，倍数相等
loss-empty = 这里将显示每个批次的损失。按空格键开始训练。
accuracy-empty = 这里将显示准确率。按 E 在测试集上评估。
train = 训练
test = 测试
tab-loss-hint = 训练批次和测试集的交叉熵（按键 1）
tab-accuracy-hint = 训练批次和测试集中分类正确的比例（按键 2）
tab-rates = 速率
tab-rates-hint = 每一步的学习率，以及每秒训练的图像数（按键 3）
tab-layers = 各层
tab-layers-hint = 每一层的同一个量：整个训练过程以及当前值（按键 4）
tab-confusion = 混淆
tab-confusion-hint = 行：真实类别。列：网络的判断。数字是测试集的图像数，颜色是它在该行中的比例。点击一格可查看其中的图像（按键 5）。
linear-axis = 线性
along-step = 步
along-epoch = 轮次
along-time = 时间
along-hint = 曲线的横轴：训练步数、轮次，或训练所用的时间（不含暂停和评估）
lock-scale-hint = 保持当前范围直到解锁；超出的值使用两端的颜色。
unlock-scale-hint = 已锁定：范围不变。点击后重新跟随数值。
curves-missing = 没有保存
zoom-fit = 全部
zoom-fit-hint = 重新显示完整曲线并跟随训练（在图上双击）
zoom-hint = 拖出方框或滚动可放大；双击显示全部。
zoom-hint-touch = 双指放大；双击显示全部。
rates-empty = 这里将显示每一步的速率。按空格键开始训练。
layers-empty = 这里将显示每一层的测量值。按空格键开始训练。
confusion-empty = 在测试集上评估之后，这里将显示各类别被判断成什么。

## Runs and exports

undo = 撤销
this-run-hint = 正在训练的这一次。双击名称可以改名。
run-drawn-hint = 把这次训练的曲线画在一起，或将其隐藏
run-name-hint = 双击改名
delete-run-hint = 删除这次训练；随后的提示可以将其恢复。
pin-hint = 固定这次训练：空间不足时会删除较早的训练，但不会删除已固定的。
unpin-hint = 取消固定，空间不足时可以删除这次训练
export = 导出
export-hint = 把显示的内容存成文件，或从文件打开一次训练
export-csv = 此图表存为 CSV
export-csv-hint = 当前图表背后的数字，存成表格
export-run = 这次训练存为文件
export-run-hint = 这次训练中测得的一切；文件可以再次打开用于比较。
export-png = 窗口存为 PNG
export-png-hint = 整个窗口此刻的图像
open-run = 打开一次训练…
open-run-hint = 一个 .skipscope.json 文件：它的曲线将与当前训练画在一起。
run-filter = Skipscope 训练记录
csv-filter = CSV 表格
runs-hint = 这次和以前的训练。建立新网络或重新开始时，已完成 20 步的训练会保留在本机，下次打开仍在。最多保留十二次；超出时先删除最早的未固定训练。

## States

waiting-for-gpu = 正在等待 GPU
compiling-starts = 正在编译内核
evaluating = 正在测试集上评估
restart-button = 重新开始
lower-lr = 降低学习率
lower-lr-hint = 学习率降为十分之一，再从初始权重重新开始
start-again = 重新启动
dismiss = 关闭提示
close = 关闭
sheet-handle = 关闭显微镜
sheet-handle-hint = 向下拉动或按一下，回到整个网络

## Help

help-title = 快捷键
help-reading = 如何读图
help-arc = 琥珀色弧线是捷径，粗细表示进入 ⊕ 的信号中有多少来自捷径：rms(α·x) ÷ (rms(α·x) + rms(F(x)))，rms 为均方根。
help-card = 每张卡片：一张图像经过该块之后的特征图，取方差最大的几张。下方色条是所选的量。
help-bar = 玫红色表示反向：各层梯度的长度，画在从不缩小的对数坐标轴上。
help-curve = 颜色区分训练记录，线型区分数据：实线是训练集，带空心点的虚线是测试集。

## Keys, in the help

key-space = 空格
key-run = 运行或暂停
key-step = 训练一步
key-restart = 从初始权重重新开始
key-evaluate = 在测试集上评估
key-walk = 训练步的下一层
key-theme = 深色或浅色
key-language = 英文或中文
key-microscope = 打开或关闭显微镜；Escape 返回，方向键移动
key-help = 显示本帮助

## A block and a bar, in their hover texts

block-share = 捷径占比
block-skip = 捷径 α·x
block-branch = 分支 F(x)
block-sum = 和 x + F(x)
block-output = 输出，ReLU 之后
block-plain = 没有捷径
block-projection = 1×1 投影捷径
block-identity = 恒等捷径
bar-gradient-norm = 梯度范数 ‖∂L/∂W‖
bar-weight-norm = 权重范数 ‖W‖

## What a network's title says beside its name

title-option-a = 方案 A
title-option-b = 方案 B
title-no-bn = 无 BN

## With values

compiling = 正在编译内核：{ $done } / { $of }
fetching = { $name }：{ $done } / { $of }
opening = 正在读取 { $name }
build = 构建 { $title }
of = { " " }/ { $total }
classes = { $n } 个类别：{ $names }
counts = { $train } / { $test }
largest-by-smallest = 最大为最小的 { $ratio } 倍
slow = 这里每步需要 { $time }，可以换用更小的网络。
use-network = 使用 { $title }
diverged = 训练在第 { $step } 步停止：{ $what }。
device-lost = 图形设备已断开（{ $why }）。其中的权重已丢失，已保存的检查点不受影响。
saved = 已保存 { $name }
loaded = 检查点已载入，训练从第 { $step } 步继续。
finished = 方案的 { $steps } 步已全部完成。
save-failed = 文件无法写入：{ $why }
read-failed = { $name } 无法读取：{ $why }
times = （× { $n }）
block-label = { $name }，捷径占比 { $share }
bar-label = { $name }.weight，梯度范数 { $norm }
moments = { $mean } ± { $std }
lock-scale = 锁定色标：{ $what }
unlock-scale = 解锁色标：{ $what }
curves-lost = 没有之前的曲线：{ $why }
chart-of = 图表：{ $what }，{ $from } 至 { $to }
chart-point =
    { $series } { $value }
    第 { $step } 步
throttled = 标签页被隐藏期间，浏览器把训练速度限制在每秒 { $rate } 步。

## Views and the transport

view-watch = 观察
view-watch-hint = 正在学习的整个网络
view-microscope = 显微镜
view-microscope-hint = 逐个数字观察一个块（M）
charts = 图表
speed = 速度
speed-full = 全速
speed-full-hint = GPU 能多快就多快。越往左，步与步之间越慢，便于逐步观察。
copy-link = 复制链接
copy-link-hint = 复制一个链接，打开后与此刻完全相同：网络、方案、数据、所选的块和视图（C）
link-copied = 链接已复制到剪贴板。
presentation = 演示模式
presentation-hint = 用于投影：更大、更清晰，屏幕上的内容更少（P，Esc 退出）

## Panels that move

move-panel = 移动此面板
move-panel-hint = 拖动可把面板移到另一面板旁或与其重叠；拖动面板间的空隙可调整大小。
reset-layout = 恢复布局
reset-layout-hint = 所有面板回到最初的位置
reduced-motion = 减少动画
reduced-motion-hint = 不滑动也不淡入淡出，所有变化直接到位。
all-size = 大小：{ $size }
all-size-auto = 自动
all-size-at = { $percent } %
all-size-hint = 整个界面的大小。在不自行缩放的 4K 屏幕上，“自动”会放大界面。
light-theme = 浅色主题
light-offer = 投影时浅色主题更清楚，教室明亮时尤其如此。只在演示期间使用。

## Before a network is built

runs = 运行记录
step-time = 每步时间
step-time-hint = 此网络训练一步的时间，由实测的每秒图像数和乘加次数估计
custom = 自定义…
custom-hint = 自行选择块数、宽度、起始层等
blocks = 块数
blocks-hint = 每个阶段的残差块数，例如 2 2 2 2。除第一个外，每个阶段边长减半、通道加倍。
width = 宽度
width-hint = 第一个阶段的通道数
input-size = 输入
input-size-hint = 图像进入网络前缩放到的边长；文章的演示使用 224 px
block-shape = 块
block-shape-hint = 分支 F(x) 的组成
block-basic = 基本
block-basic-hint = 两个 3×3 卷积（ResNet-18 和 34）
block-bottleneck = 瓶颈
block-bottleneck-hint = 1×1、3×3、1×1 卷积，最后一个把通道扩大到四倍（ResNet-50 及更深）
stem = 起始层
stem-hint = 图像进入网络的方式
stem-cifar = 3×3
stem-cifar-hint = 3×3 卷积，步幅 1：用于小图像
stem-imagenet = 7×7
stem-imagenet-hint = 7×7 卷积，步幅 2，再作最大池化：用于大图像
alpha = α
alpha-hint = 每个块中捷径进入 ⊕ 的比例：1 为 ResNet，0 为没有捷径。下一步起生效。
preset-cifar = CIFAR-10
preset-cifar-hint = 按通常方式在 CIFAR-10 上训练 ResNet-18：批大小 128，学习率 0.1（余弦），动量 0.9，权重衰减 5×10⁻⁴，裁剪与翻转
preset-article = 文章演示
preset-article-hint = 文章的演示：在 CIFAR-10 上训练 ResNet-18，SGD，学习率 0.01，动量 0.9，批大小 64。文章把图像缩放到 224 px：可用“训练方案”中的开关打开。
cifar-missing = 没有找到 CIFAR-10：请在“数据”中打开其压缩包，或将其拖到窗口中。在此之前，网络使用已载入的图像训练。

## Pictures

download = 下载 CIFAR-10
download-hint = 从 cs.toronto.edu 下载 162 MiB，用公布的 MD5 校验并保存
album-hint = 点击查看每个类别的更多图像
album-caption = 类别 · 训练图像数 · 其中的前几张
preview = 预览
preview-hint = 网络实际得到的训练图像：每次都重新裁剪和翻转

## The frame meter

meter = 毫秒，p50 / p95
meter-times = { $half } / { $most }
meter-ui = 界面
meter-ui-hint = 在 CPU 上排布一次画面所用的时间
meter-gpu = GPU 绘制
meter-gpu-timestamps = 从窗口的第一个图形到最后一个，由 GPU 自己写下的时间戳测得
meter-gpu-latency = 从提交画面到队列报告完成：包含排在它之前的训练，因此是上限。此处 GPU 无法自行为绘制计时。
meter-gpu-unknown = 尚未测量
meter-frame = 帧间隔
meter-frame-hint = 连续绘制时，两次画面之间的时间：取决于 GPU、屏幕和训练

## More keys

key-block = 上一个或下一个块
key-enter = 回车
key-open = 打开所选的块
key-picture = 上一张或下一张图像
key-fit = 让整个网络适合窗口
key-fold = 折叠或展开所选块所在的阶段
key-charts = 选择图表
key-presentation = 演示模式
key-link = 复制链接
key-zoom = 放大、缩小、自动
key-frame = 绘制耗时
key-escape = Esc
key-leave = 关闭、退出、返回

## Messages of the frame

speed-hint = 每秒训练 { $rate } 步；最右端为 GPU 的全速。
per-second = { $rate }/秒
about = 约 { $time }
resize-cost = 计算量为 { $times } 倍：显存 { $need }，每步 { $step }
title-pixels = { $side } px
title-width = 宽度 { $width }
fits-at = 需要 { $need } 显存，上限为 { $allowed }。批大小 { $batch } 可以放下。
fits-never = 需要 { $need } 显存，上限为 { $allowed }。批大小为 1 也放不下：请选择更小的网络或输入。
class-count = { $name }：{ $count } 张训练图像
album-title = { $name } 的图像
link-faults = 链接中有无法识别的部分，已使用默认值：{ $parts }
link-data = 此链接使用名为 { $name } 的图像。请在“数据”中打开该压缩包以看到相同的内容。
link-block = 链接选择了块 { $name }，但此网络中没有。
settings-unreadable = 无法读取设置，窗口使用默认值（{ $why }）。
title-custom = 自定义 { $what }
colour-by = 着色：{ $what }
maps = 特征图：{ $what }
maps-shown = { $n } / { $of } 张特征图，
maps-signed = 从 −{ $end } 到 { $end }
maps-positive = 从 0 到 { $end }
scale-of = 颜色标度：{ $name }
batch-picture = 批次中的图像 { $n }
guess = { $name }：{ $percent }
guess-right = { $name }：{ $percent }，真实类别
truth = 真实类别：{ $name }
so-far = p({ $name }) 的变化
stage-label = { $name }：{ $n } 个块，{ $shape }
folded-name = { $name }，{ $n } 个块
folded-label = { $name }，{ $n } 个块已折叠，平均捷径占比 { $share }
mean-of = { $n } 层的平均
history-step = 第 { $step } 步
history-steps = 第 { $first } 至 { $last } 步的平均
slice-words = 第 { $step } 步 · { $phase } · { $layer }
slice-moments = { " " }· { $shape }，均值 { $mean }，标准差 { $std }（本批次）
slice-loss = { " " }· 损失 { $loss }
slice-at = { $done } / { $of }


## The microscope and the choice of pictures

scope-title = 显微镜
scope-choose-block = 点击图中的一个残差块查看其内部，或按 M 打开显微镜。
scope-choose-number = 点击任意特征图中的一个像素，看这个数是怎样算出来的。
scope-waiting = 正在等待对这个块的下一次观察。
scope-open = 打开显微镜 ↗
scope-open-hint = 这个块的每个张量，以及任意一个数的计算过程（Enter 或 M）
scope-network = 网络
scope-back-hint = 回到整个网络（Escape）
scope-stage-hint = 这一阶段的第一个块
scope-block-hint = 显微镜下的块。方向键切换块；选中像素后，方向键移动像素。
scope-before-hint = 前一个块（Page Up）
scope-after-hint = 后一个块（Page Down）
scope-one-image = 一张图像
scope-now = 现在
scope-broken = ▲ NaN 或 ∞
scope-the-branch = 分支
scope-output = 输出
scope-sum = 和
scope-shortcut-arrives = α·shortcut(x)
scope-no-skip = 没有捷径：下一个块得到的一切都经过 F(x)。
scope-conv-hint = 卷积：每个输出像素是所有输入通道中一个小窗口的加权和。/2：每隔一个像素取一个。
scope-bn-hint = 批归一化：减去通道的均值，除以标准差，再乘 γ 加 β。对单张图像使用滑动统计量。
scope-bias-hint = 没有批归一化时，每个通道加上一个学到的数。
scope-conv-bn-hint = 先卷积，再批归一化
scope-pad-hint = 方案 A：每隔一个像素取一个，新通道补零
scope-relu-hint = ReLU：负数变为零，蓝色消失。
scope-branch-hint = 残差分支：卷积、批归一化和它们之间的 ReLU
scope-sum-hint = ⊕ 把经捷径和经分支而来的数逐个相加。
scope-sum-relu-hint = ⊕ 把捷径与分支相加，ReLU 去掉负数。
scope-histogram = F(x) 与经捷径而来的值的直方图
scope-histogram-hint = 蓝色轮廓：F(x) 的值。琥珀色柱：经捷径而来的值。同一坐标轴，面积相同。带缺口的柱被截短：ReLU 之后的多数值恰好为 0。
scope-ratio-name = ‖F(x)‖ ÷ ‖x‖
scope-ratio-hint = 分支所加部分的长度除以捷径所带部分的长度，两者都看作由全部像素和通道组成的向量。不含 α；投影捷径中的 x 指投影的输出。
scope-verdict-plain = 没有捷径，只有分支
scope-verdict-broken = ▲ 这个块里有 NaN 或 ∞
scope-verdict-little = 分支几乎不改动输入
scope-verdict-edits = 分支在修改输入，不是替换输入
scope-verdict-writes = 分支写入的多于保留的
scope-history-hint = 训练开始以来每个批次的 ‖F(x)‖ ÷ ‖α·x‖，已平滑。大号数字是一张图像的值，不含 α。
scope-signal = 进入 ⊕ 的信号，rms
scope-signal-hint = α·shortcut(x) 与 F(x) 的均方根：条上的长度就是各自的占比。
scope-signal-plain = 只有 F(x)，没有捷径
scope-against = { " " }与{ " " }
scope-scale = 特征图的色标
scope-scale-hint = 每种颜色对应的值。两端尖角表示有值超出，按端点着色。共用时，这个块 99% 的值都在其中。
scope-scale-shared = 整个块共用
scope-scale-own = 每张图各用各的色标
scope-own-scale = 单独色标
scope-own-scale-hint = 每张特征图使用自己的色标：能看清弱的图，但图与图之间不能再比较。
scope-tab-against = F(x), x
scope-tab-against-hint = 分支在捷径所带的内容上加了多少
scope-tab-prediction = 预测
scope-tab-prediction-hint = 网络对这张图像的判断
scope-tab-formula = 公式
scope-tab-formula-hint = H(x) = F(x) + x，代入这个块的数值
scope-alpha-hint = α·shortcut(x) + F(x) 中的 α，从下一步起生效。拖动或输入；双击恢复为 1。为 0 时捷径断开。
scope-worked = 算出一个数
scope-given = x 来自前一个块。选择分支中的一个像素，看它是怎样算出来的。
scope-enlarged = 放大的通道：点击选择像素
scope-enlarged-hint = 点击一个像素，算出它的值。方向键移动像素。
scope-contributions = 每个输入通道的贡献
scope-contributions-hint = 点击一根柱，查看该通道的窗口。
scope-sum-of-all = 总和
scope-alpha-x-plus-f = α·x + F
scope-below-zero = 小于零，得{ " " }
scope-exactly-equal = 已用 f64 核对：相等
scope-formula-then = 这个块输出 ReLU(H(x))。分支只需学习要加到 x 上的部分，即残差 F(x) = H(x) − x。
scope-formula-plain-then = 这个块输出 ReLU(F(x))。没有捷径，分支必须造出全部内容，包括 x 本身。
scope-share-name = 捷径占比
scope-why-title = 为什么 F(x) ≈ 0 容易学到
scope-why = 如果一个块最好的做法是让 x 保持不变，它的分支只要趋于零：权重小、γ 小就够了，权重衰减本身就往那里拉。普通网络的块则要通过卷积、批归一化和 ReLU 学出恒等映射，优化器很难做到，这就是更深的普通网络出现的退化。所以残差块从接近恒等开始，学习如何修改。
scope-cite = He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition, 2015, §3.1
scope-image = 图像
scope-image-hint = 让哪张图像通过网络供观察
scope-by-class = 按类别
scope-source-waits = 这里还没有内容：请评估测试集（E），或训练一步（S）。
scope-picture-number = 图像编号
scope-earlier-hint = 前面的图像
scope-later-hint = 后面的图像
scope-batch-hint = 在最近一个训练批次中的位置，保持训练时的裁剪和翻转。批归一化使用该批次自己的统计量。
scope-as-trained = 最近一步训练所用的图像；若方案启用，已裁剪和翻转
scope-own = 我的图片
scope-own-shown-hint = 网络得到的图像：裁成正方形并缩放
scope-open-picture = 打开图片…
scope-camera = 摄像头
scope-camera-hint = 用摄像头拍一张
scope-own-hint-native = PNG、JPEG 或 WebP 文件，也可以拖到窗口上。取中间的正方形，缩放到网络的输入大小。
scope-own-hint-web = 图片文件，也可以拖到网页上、粘贴，或用摄像头拍摄。取中间的正方形，缩放到网络的输入大小。
scope-picture-filter = 图片
scope-no-camera = 摄像头只能在网页中使用，请改为打开图片文件。
scope-no-decoder = 这个网页不能解码图片
scope-true-class = 真实类别
scope-no-prediction = 还没有预测。
scope-prediction-broken = ▲ 概率是 NaN。
scope-chance-hint = 每次观察时，这张图像属于该类别的 softmax 概率
scope-chance-row-hint = logits 的 softmax：所有类别的概率之和为 1。
scope-weight = 权重
scope-weights = 权重
scope-product = 乘积
scope-products = 乘积
scope-from-test = 测试图像
scope-from-train = 训练图像
scope-from-hardest = 当前最难
scope-from-misclassified = 分类错误
scope-from-batch = 最近的训练批次
scope-from-test-hint = 按顺序的测试集：从未用于训练的图像
scope-from-train-hint = 按顺序的训练集，不裁剪也不翻转
scope-from-hardest-hint = 上次评估中损失最高的测试图像
scope-from-misclassified-hint = 上次评估中被判为其他类别的测试图像
scope-from-class-hint = 这个类别的图像：评估过测试集后取自测试集
scope-about = { $kind } · { $channels } 通道 · { $skip }
scope-about-size = { $kind } · { $channels } 通道 · { $size } · { $skip }
scope-std = 标准差 { $value }
scope-share = 占比 { $value }
scope-skip-alpha = 捷径  { $skip }，α = { $alpha }
scope-signal-skip = 捷径 { $value }
scope-stage-label = { $name }，{ $of } 个通道中的 { $shown } 个
scope-number-at = { $name }，通道 { $channel }，像素 ({ $x }, { $y })
scope-channel = 通道 { $n }
scope-input-channel = 输入通道 { $n }
scope-window-of = { $name } 的窗口
scope-sum-of = { $n } 项之和
scope-with-rounding = { $term }（舍入）
scope-all-channels = ……对全部 { $n } 个输入通道照做一遍
scope-channel-adds = 通道 { $n } 贡献 { $value }
scope-one-and-others = { $one } { $others }（其余 { $n } 个）
scope-equal-digits = 已用 f64 核对：{ $n } 位相同
scope-deviates = ▲ 与 f64 相差 { $off }
scope-rms-of = rms { $what }
scope-since = 从第 { $step } 步起，批次
scope-chance-history = p({ $class }) 的变化
scope-number-hint = 图像编号，0 到 { $last }：拖动或输入
scope-test-record = 测试 { $index }
scope-train-record = 训练 { $index }
scope-record-right = { $said }：正确，损失 { $loss }
scope-record-wrong = { $label }，被判为 { $said }：错误，损失 { $loss }
scope-batch-image = 第 { $n } 张，共 { $of } 张
scope-batch-described = 最近批次的第 { $n } 张，使用批次统计量
scope-says-right = 网络判断为 { $said }，概率 { $sure }，正确。
scope-says-wrong = 网络判断为 { $said }，概率 { $sure }。错误：它是 { $label }。
scope-says-unknown = 网络判断为 { $said }，概率 { $sure }。

## Checkpoints that are kept

go-on = 继续
go-on-hint = 使用已保存的权重和优化器状态，继续训练
discard = 丢弃
discard-hint = 删除自动保存的检查点
back-to-hint = 使用最近保留的时刻或检查点；继续运行前请降低学习率
keep-failed = 此次运行无法自动保存：{ $why }
resume-offer = { $name }（{ $data }）已自动保存到第 { $step } 步，{ $ago } 前。
resume-needs = { $name } 是在 { $data } 上训练的：请在“数据”中打开该压缩包，训练会自动继续。
back-to = 回到第 { $step } 步
crashed = Skipscope 自身出错（{ $what }），窗口已重新打开。该次运行没有自动保存的检查点。
crashed-kept =
    { $n ->
        [0] Skipscope 自身出错（{ $what }），窗口已重新打开。运行已自动保存到最后一步，即第 { $step } 步。
       *[other] Skipscope 自身出错（{ $what }），窗口已重新打开。运行最近自动保存于第 { $step } 步，即 { $n } 步之前。
    }
go-on-from = 从第 { $step } 步继续
begin-anew = 重新开始
begin-anew-hint = 按当前设置构建网络，从初始权重开始训练
## Charts and runs, with values

confusion-as-of = 第 { $step } 步时 · 行为真实类别，列为预测
confusion-right = { $name }，判断正确：{ $count }
confusion-wrong = { $truth }，被判为 { $said }：{ $count }
confusion-share = 占 { $name } 全部图像的 { $share }
confusion-pictures = 显示 { $n } 张，损失最高的在前；点击一张即可观察
confusion-picture = 测试 { $index }，损失 { $loss }
layers-step = 第 { $step } 步
run-deleted = 已删除 { $name }
run-row = { $name }，测试准确率 { $accuracy }
delete-run = 删除 { $name }
run-opened = { $name } 已与当前训练画在一起
run-made-room = 空间已满，已删除 { $name }：请固定想保留的训练，或将其导出为文件
pins-full = 已固定 { $n } 次训练，需要为新的训练留出空间：请先取消固定其中一次
pin-run = 固定 { $name }
unpin-run = 取消固定 { $name }
run-not-kept = 无法为下次打开保留训练：{ $why }。请改为导出文件。
shelf-unreadable = 无法读取以前保留的训练：{ $why }
shelf-of-another-version = 另一个版本的 Skipscope 保留的一次训练原样留给该版本。
shelf-damaged = 以前保留的一次训练已损坏，已删除：{ $why }
run-unreadable = 无法打开 { $name }：{ $why }

## Lessons

view-lessons = 课程
view-lessons-hint = 提出问题、先做预测、在本机做实验，再看测得的结果（B）
lessons-title = 课程
lessons-about = 每课先请你做出预测，再在本机运行实验，并把测得的结果与预测并列显示。答案只保存在本机。
lesson-prediction = 你的预测
lesson-question = 问题
lesson-experiment = 实验
lesson-predict = 提交预测
lesson-predict-hint = 请先选择一项。预测提交后不能更改。
lesson-answer = 回答
lesson-answer-hint = 请先选择一项；不确定时可以在旁边的面板中试一试。
lesson-do-hint = 由窗口自动完成；随时可以改为手动操作。
lesson-working = 正在进行…
lesson-working-hint = 实验正在进行。
lesson-end = 本课结束
lesson-again = 重新开始
lesson-again-hint = 从头开始；本课已有的答案会被清除。
lesson-list-hint = 全部课程
lesson-close-hint = 关闭课程，重新显示控制面板（B）
lesson-more = 教师功能
lesson-print = 打印用练习单…
lesson-print-hint = 一个 HTML 文件，含问题和书写空间，用任何浏览器都能打印。
lesson-link = 复制本课链接
lesson-link-hint = 从文件打开的课程会整个放进链接里，不需要服务器。
lesson-class = 全班答案…
lesson-class-hint = 汇总学生交来的答案；数据不会离开本机。
lesson-open-hint = 开始这一课。打勾表示本机已有答案。
lesson-open-file = 打开课程…
lesson-open-file-hint = Markdown 文件（.md），格式见 assets/lessons/README.md；也可以直接拖到窗口上。
lesson-stage-predict = 预测
lesson-stage-run = 实验
lesson-stage-reveal = 揭晓
lesson-usual = 通常的结果，依据本课的正文和来源。本机测得的数值在预测下方。
lesson-right = 正确答案
lesson-hand-in = 提交答案
lesson-hand-in-about = 如果老师要收答案，把这一行发给老师。程序不会自动发送任何内容。
lesson-student = 姓名或学号
lesson-student-hint = 只出现在你复制的那一行里，不另外保存；可以留空。
lesson-copy = 复制答案
lesson-copy-hint = 复制为一行文字
lesson-save-hint = 把同一行保存为文本文件
lesson-copied = 答案已复制
sheet-name = 姓名：____________________   日期：____________
sheet-measured = 测得的结果（与预测对照）
class-about = 粘贴学生交来的各行答案，或打开、拖入文本文件。同名多次提交只计一次。
class-open = 打开答案…
class-open-hint = 学生答案的文本文件，加到上面的各行之后
class-paste = 每个学生一行
class-needs-lesson = 请先打开这些答案所属的课程。
lesson-filter = 课程
answers-filter = 答案
sheet-filter = 打印用练习单
key-lessons = 课程
lesson-of = 第 { $n } 课，共 { $of } 课 · { $minutes } 分钟
lesson-minutes = 课程 · { $minutes } 分钟
lesson-unreadable = 无法打开这一课：{ $why }
lesson-steps = 第 { $done } 步，共 { $of } 步
lesson-predicted = 你的预测：{ $what }
lesson-next = 下一课：{ $title }
lesson-end-hint = 生成 { $layer }：点击后在网络图中圈出它
lesson-line-hint = 生成 { $block }：点击后在所有面板中选中它
class-counted = 已统计 { $students } 名学生 · 其他课程 { $others } 行 · 无法识别 { $unreadable } 行

## Race

view-race = 对比
view-race-hint = 两到四个只有一处不同的网络，逐步同步训练（V）
race-setup = 对比
race-setup-hint = 各网络共有的张量从相同的初始权重开始，并在相同的批次上训练：最后的差别只来自那一处不同。
race-base-hint = 要对比的网络；其他网络由它改动而来。
race-differ = 网络之间的不同
race-values-hint = 参加对比的值：两到四个
race-differ-hint = 只有一处不同，差别就只能来自这一处。
differ-skip = 捷径
differ-skip-hint = 残差网络与层数相同的普通网络（He et al. 2015，§3.3）
differ-shortcut = 捷径类型
differ-shortcut-hint = 形状改变处：方案 A 补零，方案 B 用 1×1 卷积加批归一化
differ-bn = 批归一化
differ-bn-hint = 有批归一化与没有批归一化；没有时每个卷积改用偏置
differ-depth = 深度
differ-depth-hint = 同一系列中的网络
differ-alpha = α
differ-alpha-hint = 每个块的 F(x) + α·x 中捷径的权重。为 0 时与普通网络的计算相同。
differ-lr = 学习率
differ-lr-hint = 下面的学习率乘以各个值
differ-init = 初始权重
differ-init-hint = He 等人的正态分布；PyTorch 默认的、范围较小的均匀分布；每个分支从零开始的 Fixup
race-steps = 步数
race-steps-hint = 每个网络用每个种子训练的步数
race-seeds = 种子
race-seeds-hint = 每个种子各训练一次：所有网络的初始权重和图像顺序一起改变。多个种子能看出差别中有多少来自随机性。
race-rest = 其余与“观察”中的训练方案一致，各网络相同。
race-presets = 现成的对比
race-presets-hint = 每项都会改好上面的设置，不会自动开始。
race-start = 开始对比
race-start-hint = 构建所有网络并逐步同步训练（空格）。“观察”中的网络会暂停。
race-stop = 暂停对比
race-stop-hint = 在当前步之后暂停对比（空格）；在实验、构建或其他图片取代它之前可以继续。R 重新开始。
race-go-on = 继续对比
race-go-on-hint = 从暂停处继续对比（空格）；R 重新开始
race-step-hint = 各网络用当前种子已完成的步数与总步数
race-rate-hint = 每秒训练图像数，所有网络合计
race-left-hint = 按目前速度，到最后一个种子完成的剩余时间
race-empty = 按空格键逐步同步训练这些网络，或先选择其他网络。
race-begins = 网络已经构建，等待第一步
race-comma = ，
race-loss = 训练损失（单位：nat）
race-loss-hint = 训练批次的交叉熵，在大约 25 步内平滑（总步数不足 200 时为其 1/8）；结束后是最后一轮的平均值（不足一轮时为最后十分之一）。有多个种子时，全部完成后显示未做手术的种子的平均值及最低、最高值。
race-fair = 相同的初始权重，相同的批次
race-fair-width = 相同的初始权重，相同的批次，宽度 { $width }
race-fair-hint = 名称和形状相同的张量从相同的数值开始，每一步使用相同的图像。
race-over = 对比结束。
race-colour = 颜色：最近一步中该块的梯度范数
race-maps = 图：同一张图像经过每个块之后
race-block-hint = 点击以选中该块进行改动（← →）
race-plain-hint = 普通网络没有可断开的捷径。点击可在所有网络中标出该块。
race-curves = 训练损失
race-nats = 交叉熵（nat）
race-lines = 浅色：每个批次 · 曲线：平滑值
race-lines-band = 曲线：当前种子 · 色带：已完成且未做手术的种子，最低到最高
race-curves-empty = 第一步完成后显示损失。
race-test-hint = 最后一步之后在整个测试集上的准确率
race-test-caption = 每个标记为一个种子，最后一步之后 · 数字：平均值
race-test-empty = 各网络完成最后一步后测量。
race-flag-hint = 点击可撤销
race-gradients-empty = 第一步完成后显示范数。
race-gradients = 各层梯度范数
race-gradients-now = 最近一步 · 对数
race-gradients-zero = 最近一步 · 对数 · 空心圆：正好为 0
race-conv-axis = 卷积层
race-surgery = 捷径手术
race-surgery-hint = 在训练中改变 α，从下一步起生效，无需重新编译。
race-surgery-lane-hint = 要改动的网络
race-no-skips = 没有带捷径的网络。
race-whole = 整个网络
race-whole-hint = 所有块
race-stage-hint = 所选块所在阶段的所有块
race-one-block-hint = 只有所选的块
race-choose-block = 或点击上面的一个块
race-alpha-hint = F(x) + α·x 中的 α，从下一步起生效：1 为 ResNet，0 断开捷径
race-mixed-hint = 平均值：这些块的 α 各不相同
race-cut = 断开
race-cut-hint = α 变为 0：不再有信号经过这些捷径
race-rejoin = 接回
race-rejoin-hint = 恢复为该网络最初的 α；若最初为 0 则为 1
race-undo-hint = 撤销该网络的上一次改动
key-race = 对比，再按回到观察
race-after = { $steps } 步后：
race-diverged = 在第 { $step } 步出现 NaN 或 ∞
race-band = { $mean }（{ $low } 至 { $high }）
race-lr = 学习率 { $rate }
race-parameters = { $count } 个参数
race-seeds-done = 已完成 { $done } / { $of } 个种子
race-mean-of = { $n } 个块的平均值
race-block = { $lane } { $block }：捷径占比 { $share }，梯度范数 { $norm }
race-was-cut = 断开 { $who } · { $step }
race-was-set = { $who } α { $value } · { $step }
race-was-rejoined = 接回 { $who } · { $step }
race-was-undone = 撤销 { $who } · { $step }
race-preset-hint = { $lanes }：{ $steps } 步，批次大小 { $batch }

## Surgery

surgery-title = 捷径手术
surgery-title-hint = 在训练中改变 α，即捷径在 ⊕ 处与分支相加时的权重。前向和反向都从下一步起生效；不需要重新编译；权重和优化器保持不变，交换或打乱的块除外。
surgery-none = 没有可以操作的捷径：请先构建残差网络。
surgery-network = 整个网络
surgery-network-hint = 网络的全部捷径。α 处处为 0 时，计算结果与对应的普通网络相同。
surgery-stage-hint = 所选块所在阶段的全部捷径
surgery-block-hint = 只有所选块的捷径
surgery-formula = H(x) = F(x) + α·x
surgery-alpha-hint = 捷径与 F(x) 相加之前所乘的数：0 断开捷径，与普通网络相同；1 是论文中的 ResNet；小于 0 减去 x，大于 1 加上不止一个 x。
surgery-plain = 0 普通
surgery-resnet = 1 ResNet
surgery-rejoin = 接回
surgery-undo-hint = 撤销最后一次操作，不论是对哪些块做的（Z）
surgery-empty = 点击弧线断开捷径，或拖动 α。
surgery-cut-short = 断开
surgery-cut-hint = 点击断开这条捷径：从下一步起 α = 0，前向和反向都只有 F(x) 通过（所选块可按 X）。
key-cut = 断开或接回所选块的捷径
key-undo-cut = 撤销对捷径和块的最后一次操作
init-fixup = Fixup
init-fixup-hint = Zhang 等人 2019，方法的第 1 和第 2 条：与 He 相同，但每个分支的最后一个卷积和分类层为 0，分支的其余卷积乘以 L^(−1/(2m−2))，L 为块数，m 为每块的卷积数。第 3 条的标量乘数和偏置不包括在内。用于有捷径、没有 batch norm 的网络。改动后需要重新构建。
surgery-cut = { $name } 断开
surgery-set = { $name } α = { $alpha }
surgery-rejoined = { $name } 接回
surgery-undone = { $name } 撤销
flag-undoes = 点击可撤销
flag-rejoins = 点击可接回这些捷径
flag-puts-back = 点击可放回这些分支
flag-swaps-back = 点击可把两个块换回原位
flag-does-nothing = 不能单独取消：请先撤销之后的操作
surgery-mean = { $n } 个平均：{ $low } 到 { $high }
surgery-from-to = { $low } 到 { $high }
surgery-slider = { $name } 的 α
surgery-rejoin-all-hint = { $name }：恢复构建时的 α；构建时为 0 的恢复为 1
surgery-lesion = 损伤
surgery-lesion-hint =
    Veit 等（2016）对训练好的网络所做的改动。不重新估计任何统计量；按 E 在测试集上测量，按 Z 撤销。
    之后继续训练是另一次训练；之前的仍留在训练列表中。
surgery-drop = 去掉 F
surgery-drop-hint = 去掉 { $name } 的分支，H(x) = α·x，或放回。
surgery-swap = 交换 …
surgery-swap-hint = 所选块与同一阶段的另一块连同全部数值交换位置。两块都不能改变形状。
surgery-scramble = 打乱
surgery-scramble-hint = 所选块每个卷积的数值随机换位；批归一化不变。论文中没有。
surgery-swapped = { $name } 与 { $other } 交换
surgery-scrambled = { $name } 已打乱
surgery-put-back-short = 放回 F
surgery-dropped-short = 无 F
surgery-dropped = { $name } 去掉 F
surgery-put-back = { $name } 放回 F
surgery-beta = { $name } β = { $beta }
surgery-arc-label = { $name } 的捷径，α = { $alpha }
surgery-arc-values = α = { $alpha } · 占比 { $share }
surgery-rejoin-hint = 点击接回这条捷径：从下一步起 α = { $alpha }（所选块可按 X）。

## 实验室

view-lab = 实验
view-lab-hint = 在当前网络或专门构建的小网络上做实验（A）
lab-list = 实验
lab-list-hint = 每项实验都在本机上用已载入的图像当场测量。训练在此期间等待，结束后继续。
lab-setup = 设置
lab-time-hint = 时间按目前测得的训练速度估计，不含编译；训练开始之前未知。
lab-start = 开始实验
lab-start-hint = 准备好所需的网络并测量（空格）。训练在此期间等待，结束后继续。
lab-stop = 停止实验
lab-stop-hint = 停止实验；已测得的结果留在屏幕上；在另一个实验、对比、构建或其他图片取代它之前可以继续（空格）
lab-go-on = 继续实验
lab-go-on-hint = 从停下处继续，网络仍是当时的样子（空格）。R 重新开始。
lab-waits = 还没有图像：请先载入数据。
lab-prepares = 正在准备
lab-stopped = 未完成即停止。
lab-over = 实验完成。
lab-done = 已完成
lab-done-hint = 到目前为止完成的工作占整个实验的比例
lab-left-hint = 按目前速度，到实验结束的剩余时间
lab-json = JSON…
lab-json-hint = 保存测得的全部结果及测量方式
lab-csv = CSV…
lab-csv-hint = 保存测量结果的表格，供电子表格使用
lab-no-network = 还没有网络
key-lab = 实验，再按回到观察
lab-waiting = 实验室（A）正在进行{ $name }，训练等待中

## 损伤

lesion-name = 损伤
lesion-asks = 训练好的网络可以没有哪个块？
lesion-hint = Veit、Wilber 和 Belongie 2016，§4：每次去掉训练好的网络的一个块，测量测试准确率还剩多少。
lesion-measured = 每次一处损伤之后的测试准确率 · 评估模式
lesion-measured-hint = 评估模式下测试集的准确率，即批归一化使用滑动统计量。每处损伤单独进行，都在网络的副本上。
lesion-network-hint = “观察”中网络的副本，使用当前的权重和 α
lesion-drop = 去掉
lesion-drop-hint = 去掉块的分支 F(x)，捷径保留，改变形状的块也一样。普通网络去掉整个块，只有输出与输入形状相同的块才可以。
lesion-swap = 对调
lesion-swap-hint = 同一阶段中相邻的两个块对调，批归一化的统计量一起对调
lesion-scramble = 打乱
lesion-scramble-hint = 块中每个卷积的权重随机换位，批归一化不变。论文中没有这一项。
lesion-images = 测试图像
lesion-images-hint = 测试集的前若干张图像；不够时取全部。500 张时准确率的标准误不超过 2.2 个百分点。
lesion-reestimate = 重估统计量
lesion-reestimate-hint = 每处损伤之后，用 50 个训练批次重新估计批归一化的滑动统计量。不选时沿用训练留下的统计量，与论文相同；损失的一部分便来自统计量不再合适。
lesion-twin = 及其对照
lesion-twin-hint = 对这个网络的对照网络做同样的事：有捷径的网络对照无捷径的，反之亦然。先用相同的种子和批次把它训练同样多的步数。
lesion-undo = 每处损伤都在副本上进行，下一处之前已复原。网络本身不变。
lesion-empty = 每个块一根柱，表示去掉它之后的测试准确率。按空格键开始。
lesion-dropped = 去掉一个块，平均：
lesion-swapped = 对调相邻两个块，平均：
lesion-scrambled = 打乱一个块，平均：
lesion-kept = 未重估统计量
lesion-anew = 已重估统计量
lesion-and = 、
lesion-reshapes = 这个块改变形状：边长减半，或通道增多。
lesion-cannot-drop = 无法去掉：它改变形状，没有别的通路让信号绕过它。
lesion-cannot-swap = 无法对调：其中一个改变形状。
lesion-on-average = { $what }
lesion-intact-was = （完整时 { $share }）
lesion-trained = 在此训练了 { $steps } 步
lesion-after = 训练 { $steps } 步之后
lesion-about = { $network } · { $images } 张测试图像 · { $statistics }
lesion-chance = 随机 { $share }
lesion-intact = 完整 { $share }
lesion-without = 去掉 { $blocks }
lesion-exchanged = 对调 { $blocks }
lesion-shuffled = 打乱 { $blocks }
lesion-left = ：{ $share }（{ $points } 个百分点），损失 { $loss } nat

## 成因实验

cause-name = 成因实验
cause-asks = 深层网络为什么难以训练？
cause-hint = 深度 × 捷径 × 批归一化 × 初始权重的一组小训练，分别在第一步之前和若干步之后测量。梯度是否消失、范数是否健康，是两个问题。
cause-measured = 每格一次训练、一个种子 · 在该步的训练批次上测量
cause-ratio = 首 ÷ 末
cause-ratio-hint = 第一个块的第一个卷积的梯度范数 ÷ 最后一个块的。小于 1 表示梯度向输入方向变小，大于 1 表示变大。颜色范围：10⁻⁶ 到 10⁶ 倍。
cause-growth = 增长
cause-growth-hint = 同一阶段中激活值的标准差从一个块到下一个块增长的倍数（ReLU 之后，几何平均）。仅捷径约为 √2。
cause-dead = 失活 ReLU
cause-dead-hint = 块的输出通道中，在整个批次内处处为 0 的比例
cause-loss = 损失
cause-loss-hint = 该步训练批次的平均交叉熵（nat）；一无所知时为 ln 10 = 2.30。
cause-fixup = Fixup
cause-fixup-hint = Zhang 等 2019：分支的最后一个卷积从 0 开始，其余乘以 L^(−1/(2m−2))（L 个块，每块 m 层），分类器从 0 开始。未包含：Fixup 的标量偏置和乘数。不含普通网络：信号无法通过。
cause-depths = 深度
cause-depths-hint = 层数：6n + 2，三个阶段，通道数 16、32、64，有捷径（选项 A）和无捷径各一
cause-inits = 初始权重
cause-inits-hint = 权重取自的分布
cause-steps = 在第几步之前测量
cause-steps-hint = 测量之前完成的训练步数；0 为初始化时
cause-batch-hint = 每步的图像数。批归一化的统计量来自它们。
cause-lr-hint = 每次训练的学习率，保持不变
cause-step-hint = 此前完成的训练步数
cause-no-bn = 无批归一化
cause-no-sense = 未包含：Fixup 使每个分支从 0 开始，信号无法通过普通网络。
cause-waits = 尚未训练
cause-yes = 是
cause-no = 否
cause-vanish = 消失
cause-vanish-hint = 第一个块的梯度小于最后一个块的千分之一或为 0，即为消失。
cause-healthy = 范数健康
cause-healthy-hint = 各块卷积中最大的范数不超过最小的 100 倍，即为健康：大小相近。不计第一个卷积和分类器。
cause-claims = 两个论断，两个答案
cause-claims-hint = He 等 2015，§4.1，关于带批归一化的普通网络：困难“不太可能由梯度消失引起”，并且“反向传播的梯度范数健康”。初始化时，第二条在深层普通网络中不成立：梯度向输入方向增长（Yang 等 2019）。
cause-plain-bn = 普通，批归一化
cause-plain-bare = 普通，无批归一化
cause-skip-bn = 捷径，批归一化
cause-skip-bare = 捷径，无批归一化
cause-layers = 逐层
cause-choose = 点击一格，查看它的各层。
cause-gradient = 梯度范数
cause-output = 输出标准差
cause-output-hint = 每个块的输出在 ReLU 之后的标准差（整个批次、所有通道和像素）
cause-response = 响应标准差
cause-response-hint = 每个分支最后一层的标准差，批归一化之后、相加和 ReLU 之前：He 等 2015 图 7 中每隔一个的层响应
cause-twin-hint = 同时画出只有捷径不同的那个网络在同一步的曲线（虚线）
cause-layer-axis = 层
cause-block-axis = 块
cause-says = { $runs } 个带批归一化的普通网络中：
cause-says-vanish = 梯度消失 { $n } 个
cause-says-healthy = 范数健康 { $n } 个
cause-runs = { $n } 次训练
cause-at = 第 { $step } 步之前 · 每格一个种子
cause-step = 第 { $step } 步
cause-diverged = { $what } 在第 { $step } 步出现 NaN 或 ∞
cause-claims-at = 在第 { $step } 步之前成立的训练数 · 不含 Fixup
cause-of-runs = { $n } / { $of }
cause-zeros = { $of } 层中 { $n } 层为 0
cause-block = 第 { $n } 个块
## 实验室：这是真的吗

trust-name = 这是真的吗？
trust-asks = GPU 算出来的和公式一致吗？
trust-hint = 用四张图片做一步训练，逐层与第二套实现对照：CPU 上用双精度（f64）写成的朴素循环。
trust-empty = 按空格键，把一步训练逐层与双精度的第二套实现比较：每层一柱。
trust-measured = 四张训练图片组成的批次，训练模式，前向、反向和一次更新 · 每层单独比较，输入取 GPU 自己的结果
trust-needs = 检查“观察”中网络现在的副本，使用相同的内核。
trust-output = 输出
trust-loss = 损失
trust-input-gradient = 输入的梯度
trust-shortcut-gradient = 捷径的梯度
trust-weight-gradient = 权重的梯度
trust-gamma-gradient = γ 的梯度
trust-beta-gradient = β 的梯度
trust-bias-gradient = 偏置的梯度
trust-update = 更新后的权重
trust-repeat = 在终端里重复这次训练
trust-repeat-hint = 不开窗口、从第一步起训练同一网络的命令：适配器、驱动、构建和内核变体相同时，数字逐位相同。
trust-copy = 复制
trust-copy-hint = 把命令行复制到剪贴板
trust-deviation = 每层的最大偏差
trust-deviation-hint = 张量中 |GPU − 参考| 的最大值，除以参考的最大绝对值。参考得到的是 GPU 给这一层的输入，所以错误只出现在出错的那一层。
trust-deviation-about = 柱：单独一层的偏差 · 圈：与全程 f64 的漂移，不作评判 · 点击一层查看数值和内核
trust-forward = 前向
trust-forward-about = 输出与损失
trust-gradients = 梯度
trust-gradients-about = 输入和参数的梯度
trust-updates = 更新
trust-updates-about = SGD 之后
trust-layer = 层
trust-waiting = 检查到的层会出现在这里。
trust-layer-hint = 这一步中的一层：在那里比较过的一切
trust-layer-about = 相对于各张量的最大值
trust-compared = 比较对象
trust-deviation-name = 偏差
trust-allowed-name = 允许
trust-allowed-hint = 单精度一次运算舍入误差的几倍，又远小于错一项造成的偏差。写定在代码里，对所有网络相同。
trust-drift = 漂移
trust-drift-hint = 与从图片起全程用 f64 计算的参考之间的偏差。每层都会放大之前的舍入误差，所以它必然随深度增长，不作评判。
trust-within = 之内
trust-too-far = 超出
trust-slope = 单个权重的斜率
trust-slope-hint = 这个数变化时损失变化多少：用 f64 有限差分求 ∂L/∂w，即 (L(w+h) − L(w−h)) ÷ 2h。它与反向传播无关，所以能检验反向传播。
trust-no-weights = 这一层没有参数；请选择卷积、批归一化或 fc。
trust-parameter-hint = 显示其数值的参数，名称同 PyTorch
trust-index = 序号
trust-index-hint = 参数中的第几个数，按 PyTorch 的顺序从 0 数起；也可以点击图中的一个
trust-measure = 测量斜率
trust-measure-hint = f64 参考的四次前向计算：w ± h 和 w ± h/2
trust-by-gpu = 梯度，GPU
trust-by-reference = 梯度，f64 参考
trust-flat = 损失在这里与这个权重无关：它影响的一切都没有传过去。
trust-kernels = 内核
trust-kernels-hint = 这一层在 GPU 上真正运行的内核，按训练一步的顺序
trust-times = 测时间
trust-times-hint = 把“观察”中网络的一步训练逐层执行，每层单独占用 GPU，并计时
trust-phase-probe = 测量
trust-kernel-hint = 点击查看它的输入和 WGSL 源码
trust-off = { $n } 项比较中有 { $faults } 项超出，最先在 { $layer }
trust-agrees = { $n } 项比较，全部在容差之内
trust-about = { $name }，{ $images } 张图片，{ $adapter } · 损失 { $gpu }（GPU），{ $reference }（参考）
trust-repeat-about = 随机种子 { $seed } · 从第一步开始
trust-no-line = 这次训练的 { $what } 没有对应的选项，无法用命令行重复。请保存训练（文件），再用 --resume 继续。
trust-allowed = 允许 { $value }
trust-drift-of = 漂移 { $value }
trust-weights-of = { $name } 的数值
trust-weights-about = { $shape }，每行一个输出通道 · 颜色从 −{ $most } 到 { $most } · 点击选择一个数
trust-not-measured = { $name }，第 { $index } 个：{ $value }
trust-by-h = 差分，h = { $h }
trust-by-half = 差分，h/2
trust-kink = 折点：h = { $h } 与 h/2 的差分不一致。中间有 ReLU 或最大值发生切换，损失在那里没有可比较的斜率。
trust-apart = 与 h/2 的差分相比，GPU 的梯度相差 { $gpu }，参考的梯度相差 { $reference }（相对值）。
trust-kernels-about = 批次大小 { $batch } · 派发的工作组数、计算量
trust-layer-time = 该层 { $time }
trust-workgroups = { $n } 个工作组
trust-reads = 读 { $reads } · 写 { $writes }
trust-uniform = 参数 { $params }

engines-name = 两个引擎
engines-asks = 别人写的框架训练出来也一样吗？
engines-hint = “观察”中的网络在 Skipscope 自己的引擎和 Burn 里各重新训练几步：初始权重、批次、更新都相同，只有舍入可以不同。
engines-empty = 按空格键，网络在两个引擎里各训练几步，逐一比较每步的损失、每个梯度的范数和所有权重。
engines-measured = 随机种子、初始权重、批次、更新都相同 · 偏差相对于 Skipscope 自己的值 · 只判断第一步的损失
engines-needs = 两边都从初始权重开始；“观察”中的网络不变。
engines-other = 第二个引擎
engines-steps = 步数
engines-steps-hint = 两边各训练的步数，不超过设置的步数。每一步都会放大之前舍入造成的偏差，深的普通网络最明显。
engines-losses = 每一步的损失
engines-losses-hint = 该步批次上的平均交叉熵，更新之前
engines-losses-about = 第一步允许 { $allowed } · 之后会越来越远，因为训练会放大舍入
engines-parameters = 梯度和权重
engines-parameters-hint = 每个参数，用 PyTorch 的名字：Burn 与 Skipscope 差多少，相对于 Skipscope 的值
engines-parameters-about = 柱：从单精度的最后一位到 1，对数
engines-parameter = 参数
engines-gradient = 梯度
engines-gradient-hint = 第一步中该参数梯度的 L2 范数，Skipscope 的引擎
engines-first = 第一步的偏差
engines-first-hint = |A − B| ÷ |A|
engines-worst = 各步中最大的偏差
engines-worst-hint = 所有步中梯度范数的最大相对偏差
engines-weights = 最后的权重
engines-weights-hint = 最后一步之后该参数的值：‖A − B‖ ÷ ‖A‖
engines-waiting = 最后一步之后，参数会显示在这里。
engines-agree = 第一步的损失一致：相差 { $deviation }
engines-equal = 第一步的损失完全一致
engines-differ = 第一步的损失相差 { $deviation }，只允许 { $allowed }
engines-about = { $name }，批次 { $batch } · A：{ $own } 上的 Skipscope · B：{ $other }

## 实验室：路径

paths-name = 路径
paths-asks = 深的 ResNet 是许多浅网络吗？
paths-hint = 把残差网络展开成 2ⁿ 条路径，在每个残差块走分支或走捷径（Veit 等，2016）：每种长度有多少条，多少梯度由它们传回，各部分给一个 logit 贡献多少。
paths-empty = 按空格键，对穿过网络的路径抽样：按长度看条数和梯度，并拆开一个 logit。
paths-measured = 评估模式，批归一化已折叠 · 损失对第一个残差块输入的梯度，对图片取范数的平均 · 抽样路径，± 标准误差
paths-needs = 查看“观察”中网络现在的副本。训练之后最说明问题。
paths-samples = 每种长度的路径数
paths-samples-hint = 每种长度抽样多少条路径，不足时取全部
paths-images = 图片数
paths-images-hint = 对前几张测试图片的梯度取平均，其中第一张换成观察页所看的测试图片；它的 logit 会被拆开
paths-class = 哪一类的 logit
paths-class-hint = 要拆开其 logit 的类别
paths-winner = 得分最高的类别
paths-note = 这些残差块在相加之后还有 ReLU，所以网络并不只是路径之和：ReLU 放行什么取决于所有路径。把掩码固定在一张图片上时，对这张图片而言它是路径之和。
paths-lengths-title = 按长度看路径与梯度
paths-lengths-hint = 路径的长度是它经过的分支数。柱：占 2ⁿ 条路径的比例，即二项分布。线：一条路径的梯度乘以条数，占所有长度的比例。
paths-lengths-about = 柱：占全部路径的比例 · 线：占梯度的比例
paths-branches = 路径上的分支数
paths-gradient = 单条路径的梯度
paths-gradient-hint = 梯度只沿一条路径传回时，损失对第一个残差块输入的梯度范数：反向的门关闭其余路径，前向不变。
paths-gradient-about = 每种长度抽样路径的平均，± 标准误差 · 对数
paths-all = 所有路径
paths-some = { $of } 条路径中的 { $n } 条
paths-all-hint = 每行是穿过网络的一条路：在每个残差块走分支 F，或经捷径绕过
paths-all-about = F：走分支 · 弧：走捷径 · 条：由此传回的梯度
paths-way-gradient = 梯度范数
paths-skip = 捷径
paths-branch = 分支 F
paths-biases = 后面的偏置
paths-logit = 拆开一个 logit
paths-logit-hint = 把每个 ReLU 固定在这张图片的状态，网络就是仿射的。在每个残差块，logit 等于捷径和分支传到末端的部分，加上后面所有层的偏置。
paths-logit-waits = 用 f64 逐层拆开；最后一层完成后显示。
paths-range = { $from } 到 { $to }
paths-of = 共 { $count } 条路径，其中经过{ " " }
paths-lengths = { $lengths } 个分支
paths-carry = { " " }的承担 90 % 的梯度，占全部路径的 { $share }
paths-through = 经过 { $n } 个分支的路径
paths-share-of = 占全部路径的 { $share }
paths-one = 单条路径：梯度 { $gradient }，{ $samples } 条的平均
paths-together = 合计：占梯度的 { $share }
paths-logit-about = 测试图片 { $picture }，类别 { $class } · 在每个残差块，各部分之和就是 logit
paths-sum = 图片 { $image } + { $n } 层的偏置 { $biases } = { $sum } · GPU（批归一化原样）：{ $logit }
paths-off = 这些和与 GPU 的 logit 的最大差：最大 logit 的 { $off }（舍入误差至多 { $allowed }）
paths-level = { $class } 的 logit { $value }

## 实验室：损失地形

landscape-name = 损失地形
landscape-asks = 捷径让损失更平滑吗？
landscape-hint = 训练后的权重周围、沿两个方向的损失（Li 等，2018）：按滤波器归一化的随机方向，网络之间可以比较；或者训练过程移动最多的平面。
landscape-empty = 按空格键，测量训练后权重周围的损失：每个网络一幅图，先粗后细。
landscape-measured = 训练图片的平均交叉熵，单位 nat · 权重在 GPU 上移动，批归一化的 γ、β 和偏置不动 · 先粗后细
landscape-needs = 按“观察”中的配方，重新训练那里的网络及其孪生网络。
landscape-anew = 重新训练
landscape-anew-hint = 从头训练与“观察”中相同的网络，同时保存快照：因此也能显示其训练所在的平面
landscape-present = 当前网络
landscape-present-hint = “观察”中的网络现在的样子，包括断开的捷径和损伤
landscape-needs-present = “观察”中的网络保持现状；其孪生网络按现在的配方重新训练相同的步数。
landscape-twin = 与孪生网络并列
landscape-twin-hint = 相同的层，有或没有捷径，训练方式相同，使用同一标度
landscape-steps = 训练步数
landscape-steps-hint = 每个网络先从相同的初始权重训练这么多步
landscape-size = 每个轴的点数
landscape-size-hint = 5、9、17…… 个点，其中包含更粗的网格；总点数是它的平方
landscape-reach = 范围
landscape-reach-hint = 随机方向走多远，以每个滤波器的范数为单位：为 1 时，每个滤波器改变的量等于它自身的长度
landscape-images = 图片数
landscape-images-hint = 每个点的损失是前这么多张训练图片的平均
landscape-statistics = 批归一化使用
landscape-running = 滑动统计量
landscape-running-hint = 未移动的网络的滑动统计量，与评估时相同
landscape-batch = 每个批次
landscape-batch-hint = 在每个点重新测量每个批次的统计量，即移动后网络的统计量
landscape-path = 也看训练自己的平面
landscape-path-hint = 第二个曲面：训练过程中权重的前两个主成分所在的平面，并画出路径
landscape-basin = 距最低损失 1 nat 以内：
landscape-random = 随机方向
landscape-random-hint = 两个随机方向，每个滤波器与网络自身的一样长；批归一化的参数和偏置不动
landscape-run = 训练的平面
landscape-run-hint = 训练快照的前两个主成分：权重移动最多的平面
landscape-contour = 等高线
landscape-contour-hint = 俯视：每个测量点一个方格，线上损失相等
landscape-relief = 三维
landscape-relief-hint = 立体图；拖动可转动
landscape-waits = 还没轮到它。
landscape-lane-hint = 曲面以这个网络训练后的权重为中心
landscape-soon = 所有网络训练完后开始测量曲面。
landscape-turn = 拖动可转动和倾斜。
landscape-height = 高度和颜色：损失，对数
landscape-scale = 损失（nat），对数，同一标度
landscape-scale-clipped = 损失（nat），对数，同一标度 · 更高的损失按最高值画
landscape-after = { $steps } 步之后
landscape-about = { $known } / { $of } 个点 · 损失 { $low } 到 { $high } nat
landscape-trains = 已训练到第 { $step } 步，批次损失 { $loss }
landscape-component = 主成分 { $k }：方差的 { $share }
landscape-direction = 方向 { $k }，以滤波器范数为单位
landscape-picture = { $name } 周围的损失
landscape-point = 在 { $a }，{ $b }：损失 { $loss } nat，准确率 { $accuracy }
landscape-step = 第 { $step } 步

## 实验室：恒等映射很容易

identity-name = 恒等映射很容易
identity-asks = 有了捷径，什么都不改变就容易吗？
identity-hint = 一串块学习 ReLU(x + 0.1·r(x))，即恒等映射加上一个已知的小残差，有或没有捷径和批归一化（把 He 等 2015 §3.1 的推测做成实验）。
identity-empty = 按空格键，让有捷径和没有捷径的块学习恒等映射：逐步看每个块还改变输入多少。
identity-measured = 随机输入 ≥ 0，如同 ReLU 之后 · 均方误差 · 每个网络用每个学习率，动量 0.9
identity-blocks = 块数
identity-blocks-hint = 一个接一个的块，每块两个 3×3 卷积
identity-steps = 步数
identity-steps-hint = 每次训练的步数，每步 16 个输入，8×8 像素、16 通道
identity-seeds = 随机种子数
identity-seeds-hint = 每个网络用这么多随机种子：不同的初始权重和输入
identity-rates = 学习率
identity-rates-few = 一个
identity-rates-few-hint = 全部用 0.1
identity-rates-all = 四个
identity-rates-all-hint = 0.02、0.1、0.5 和 2，使每个网络不受别人的学习率评判
identity-zero = γ 初始为零
identity-zero-hint = 增加一个网络：每块最后的 γ 从 0 开始，于是块一开始就是恒等映射（Goyal 等，2017，§5.1）。普通块不能这样：输出会是 0，所有梯度也是 0。
identity-skip = 捷径
identity-plain = 普通
identity-never = 从未
identity-after = 达到精确恒等映射所需步数：
identity-best = 最佳
identity-best-hint = 每个网络取最后损失最低的学习率，对随机种子取平均
identity-rate-hint = 所显示训练的学习率
identity-ratio = ‖F(x)‖ ÷ ‖x‖
identity-ratio-hint = 分支的输出与输入之比，对块取平均。有捷径时 F 只需产生所需的残差；普通块必须产生整个 x。
identity-ratio-about = 所有块和种子的平均，每点 10 步 · 对数
identity-loss = 均方误差
identity-loss-hint = 每步更新之前；表中为最后十步的平均
identity-loss-about = 种子的平均，每点 10 步 · 对数
identity-gamma = 最后一个批归一化的 γ
identity-gamma-hint = 最后一块最后的 γ 的均方根：有批归一化时由它缩放 F(x)
identity-gamma-about = 均方根，最后一块 · 仅 BN
identity-level = 精确恒等映射
identity-half = 其一半
identity-table = 所需步数
identity-table-hint = 十步平均的损失首次不高于精确恒等映射的损失，或其一半
identity-waits = 各网络在第一步之后出现。
identity-lane = 网络
identity-to-identity = 到恒等映射的步数
identity-to-identity-hint = 直到损失等于原样输出 x 的网络的损失
identity-to-residual = 到残差的步数
identity-to-residual-hint = 直到损失为其一半，这时必须已学到部分残差
identity-last = 最后损失
identity-from-to = ‖F‖ ÷ ‖x‖ 最初 → 最后
identity-gamma-last = γ
identity-range = { $from } 到 { $to }
identity-some-never = { $range }，{ $of } 次中有 { $never } 次从未
identity-at = { $name } 第 { $step } 步：{ $value }
identity-table-about = { $blocks } 块 · 残差为 x 的 { $residual } · 精确恒等映射的损失 { $loss }

# 过去。
past-time = 时间
past-time-hint = 网络在训练若干步之后的样子：特征图、预测、梯度、测试集和实验都是那一步的。训练等待，现在的每一位都不丢失。每条刻度是一个保留下来的时刻，越早越少（按 , 和 . 逐个查看）
past-kept = 保留了 { $n } 个时刻：最多 48 个，只用网络之外内存的四分之一，所以网络越大，保留得越少
past-none = 训练时会保留一些时刻，以内存为限；现在还没有
past-step = 第 { $step } 步
past-then = 当时
past-now = { " " }/ 现在 { $step }
past-words = 当时：第 { $step } 步（现在：{ $now }）
past-back = 回到现在
past-back-hint = 回到现在的权重，一位不差
past-branch = 从这里分出
past-branch-hint = 从这一时刻起作为新的训练继续；已有的曲线留下以供比较
past-compare-hint = 同一图像的同一通道在现在的权重下，颜色标度相同
parted = 损伤后继续训练：另一次训练 { $name }。{ $before } 原样留在训练列表中。
branched = 新的训练从第 { $step } 步继续。
key-earlier = 训练中更早的时刻
key-later = 之后的时刻，直到现在

# 梯度的相关。
shatter-name = 梯度的相关
shatter-asks = 训练之前，相近图片的梯度方向也相近吗？
shatter-hint = 输入取自两张图片之间的直线；对每个输入求 logit 的一个固定随机投影的梯度；两个梯度的余弦随输入距离的变化（Balduzzi 等 2017）。随机信号为 0。
shatter-measured = 初始化时（He），6n + 2 层 · 两张图片之间直线上输入梯度的余弦，对直线和种子取平均 · 批归一化固定为 64 张图片的统计量
shatter-empty = 这里将显示梯度的相关随两个输入的距离和随深度的变化，以及理论值。按空格开始。
shatter-by-lag = 相关与距离
shatter-by-depth = 相关与深度
shatter-lag = 距离，占直线的比例
shatter-depth = 层数
shatter-error = ± 对种子的标准误差，每个种子有自己的权重、投影和图片
shatter-theory = 虚线：输入毫无共同之处时的理论值
shatter-theory-hint = Balduzzi 等 2017，定理 1 到 3：普通网络 2⁻ⁿ，n 为带 ReLU 的层数；有捷径、无批归一化 (3/4)ⁿ，两者都有 1/√n，n 为块数，最后一个只差一个常数。带批归一化的普通网络没有理论值。图片之间直线上的点相近：测得的值应高于前两个。
shatter-points = 直线上的输入
shatter-points-hint = 每条直线上的点数；距离是它们间隔的整数倍
shatter-seeds-hint = 每个种子有自己的权重、投影和一对图片；论文对许多种子取平均
shatter-depth-hint = 普通网络和残差网络的层数，6n + 2
shatter-apart = { $depth } 层，相距直线的 { $lag }：{ " " }
shatter-lag-hint = 此图中两个输入的距离，占两张图片之间直线的比例
shatter-at = { $name }，{ $at }：{ $value }
identity-not-yet = 还没有

# 捷径上的 α。
alphas-name = 捷径上的 α
alphas-asks = 为什么捷径要保持 α = 1？
alphas-hint = 训练之前的 ReLU(α·shortcut(x) + F(x))：对几个 α，信号逐块增长多少，只经捷径返回的梯度还剩多少（He 等 2016，§3.1）。
alphas-measured = 初始化时（He），6n + 2 层的残差网络，选项 A · 一个批次 32 张训练图片，训练模式 · logit 的一个固定随机投影对第一个块输入的梯度
alphas-empty = 这里将显示几个 α 的信号逐块增长，以及只经捷径的梯度与 αⁿ。按空格开始。
alphas-depth-hint = 残差网络的层数，6n + 2，每个 n 三个块
alphas-bare = 无批归一化
alphas-bare-hint = 除了 α，没有什么约束信号
alphas-bn-hint = 分支被归一化，和没有：它照样增长
alphas-seeds-hint = 对这么多组初始权重取平均
alphas-and = { " " }·{ " " }
alphas-grows = 信号 × { $times }
alphas-skip-left = 捷径的梯度 × { $share }
alphas-signal = 信号：每个块输出的标准差
alphas-signal-hint = ReLU 之后对批次、通道和像素的标准差。α = 1 时两个大小相近的项相加，每个块约增长 √2 倍；α 小于 1 则减小增长。
alphas-signal-about = ReLU 之后，对种子取平均
alphas-gradient = 只经捷径的梯度
alphas-gradient-hint = 反向时断开所有分支，第一个块输入处的梯度范数，与 α = 1 时相比。每条捷径乘以 α：n 个块之后为 αⁿ。剩下的差别来自 ReLU 让不同的值通过。
alphas-gradient-about = 与 α = 1 时之比，± 对种子的标准误差 · 虚线：αⁿ
alphas-measured-here = 测得
alphas-at = α = { $alpha }，第 { $block } 块：标准差 { $value }
alphas-told =
    α = { $alpha }
    只经捷径，与 α = 1 时之比：{ $skip }
    αⁿ：{ $theory }
    占全部梯度的比例：{ $whole }

# 打开的网格及其随机种子。
cause-seeds-hint = 每次训练都用这么多组初始权重和图片顺序：格子显示第一个，各层图中的色带从最低到最高
cause-opened = 所打开网格的方案
cause-opened-hint = 除这些设置之外，各次训练的共同条件与文件中相同，因此可以接着做
cause-open = 打开网格…
cause-open-hint = 在这里或终端保存为 JSON 的网格：显示它，并可补上缺少的训练
cause-no-grid = 其中没有网格
cause-other-data = 该网格在 { $data } 上得到：载入这些图片才能接着做。
cause-seeds = { $n } 个种子：{ $low } 到 { $high }

# 实验正在做什么。
lab-paths = 抽样路径
lab-logit = 分解一个 logit
lab-trains = 训练 { $name }
lab-intact = { $name } 原样
lab-surface = { $name } 周围的损失
lab-seed = { $name }，种子 { $seed }
