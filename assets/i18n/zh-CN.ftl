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
augment-hint = 每张训练图像随机平移，最多 4 个像素；其中一半左右翻转。
build-hint = 搭建网络，编译内核，生成初始权重

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

measured = 一个批次，前向与反向
arc-caption = 弧线粗细：经捷径传来的信号占比
card-caption-skip = 捷径
card-caption-branch = F(x)
card-caption-plain-rest = ，均方根
card-caption-rest = { "" }
    进入 ⊕，均方根
plain-caption = 没有捷径：信号全部经过 F(x)
gradient = 梯度范数
gradient-caption = 各层，当前
backward = ← 反向
gradient-hint = 最近一步中，损失对各层权重的梯度的长度，‖∂L/∂W‖。对数坐标轴，只按整十倍扩大，从不缩小。
first-by-last = 首个 ÷ 末个卷积
norm-symbol = ‖∂L/∂W‖
no-network = 还没有网络。请在左侧选择一个，然后按“构建”。

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

## Help

help-title = 快捷键
help-reading = 如何读图
help-arc = 琥珀色弧线是捷径，粗细表示进入 ⊕ 的信号中有多少来自捷径：rms(α·x) ÷ (rms(α·x) + rms(F(x)))，rms 为均方根。
help-card = 每张卡片中，琥珀色是捷径带给 ⊕ 的信号，蓝色是分支 F(x) 加上的信号。所有卡片使用同一刻度。
help-bar = 玫红色表示反向：各层梯度的长度，画在从不缩小的对数坐标轴上。
help-curve = 颜色区分训练记录，线型区分数据：实线是训练集，带空心点的虚线是测试集。

## Keys, in the help

key-space = 空格
key-run = 运行或暂停
key-step = 训练一步
key-restart = 从初始权重重新开始
key-evaluate = 在测试集上评估
key-theme = 深色或浅色
key-language = 英文或中文
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
preset-article-hint = 文章的演示：在 CIFAR-10 上训练 ResNet-18，SGD，学习率 0.01，动量 0.9，批大小 64。文章把图像缩放到 224 px；如需相同，请在“自定义”中设置输入。
cifar-missing = 没有找到 CIFAR-10：请在“数据”中打开其压缩包，或将其拖到窗口中。在此之前，网络使用已载入的图像训练。

## Pictures

download = 下载 CIFAR-10
download-hint = 从 cs.toronto.edu 下载 162 MiB，用公布的 MD5 校验并保存
album-hint = 点击查看每个类别的更多图像
album-caption = 类别 · 训练图像数 · 其中的前几张
preview = 预览
preview-hint = 网络实际得到的训练图像：每次都重新裁剪和翻转

## The frame meter

meter = 毫秒
meter-half = p50
meter-most = p95
meter-ui = 窗口自身
meter-frame = 两次绘制之间

## More keys

key-microscope = 显微镜，再按返回
key-block = 上一个或下一个块
key-enter = 回车
key-open = 打开所选的块
key-picture = 上一张或下一张图像
key-fit = 让整个网络适合窗口
key-measure = 切换为块着色的量
key-layer = 执行一层
key-charts = 选择图表
key-presentation = 演示模式
key-link = 复制链接
key-frame = 绘制耗时
key-escape = Esc
key-leave = 关闭、退出、返回

## Messages of the frame

speed-hint = 每秒训练 { $rate } 步；最右端为 GPU 的全速。
per-second = { $rate }/秒
about = 约 { $time }
fits-at = 需要 { $need } 显存，上限为 { $allowed }。批大小 { $batch } 可以放下。
fits-never = 需要 { $need } 显存，上限为 { $allowed }。批大小为 1 也放不下：请选择更小的网络或输入。
class-count = { $name }：{ $count } 张训练图像
album-title = { $name } 的图像
link-faults = 链接中有无法识别的部分，已使用默认值：{ $parts }
link-data = 此链接使用名为 { $name } 的图像。请在“数据”中打开该压缩包以看到相同的内容。
link-block = 链接选择了块 { $name }，但此网络中没有。
settings-unreadable = 无法读取设置，窗口使用默认值（{ $why }）。
title-custom = 自定义 { $what }
