//! `skipscope train`.

use super::args::{DeviceArgs, EngineArgs, MemoryArgs, NetworkArgs, choice};
use super::log::Log;
use super::resume::Resumed;
use super::{INTERRUPTED, data, headless, log, model, picks, text};
use crate::checkpoint::{Origin, write_atomically};
use crate::engine::variants::Variants;
use crate::session::{Build, Command, Evaluation, Event, ModelInfo, Session, StepRecord};
use crate::train::{Augment, Init, Recipe, Schedule};
use anyhow::{Context as _, bail, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The loss is printed at every such batch of an epoch, as the article does.
const PRINT_EVERY: u64 = 100;
/// How often the speed in the progress bar is brought up to date.
const SPEED_EVERY: Duration = Duration::from_millis(250);

const EXAMPLES: &str = "\
Examples:
  skipscope train resnet8                                   a minute on the built-in pictures
  skipscope train resnet18 --data cifar10                   the article's demonstration
  skipscope train plain56 --data cifar10 --log plain.csv    a network too deep to train without skips
  skipscope train resnet56 --data cifar10 --log res.csv     its residual twin: same weights, plus skips
  skipscope train resnet20 --epochs 20 --schedule cosine --augment crop-flip --save run.safetensors
  skipscope train --resume run.safetensors --epochs 40      go on where it stopped

";

/// Train a network and print its loss and test accuracy.
///
/// Weights are moved against the gradient of the cross-entropy by stochastic gradient descent with momentum,
/// in PyTorch's form. The test split is measured after each epoch. Ctrl-C finishes the step and saves what
/// `--save` asks for.
#[derive(clap::Args)]
#[command(after_help = [EXAMPLES, model::MODELS].concat())]
pub struct Args {
    /// Name of the network; may be left out with --resume.
    #[arg(required_unless_present = "resume")]
    model: Option<String>,

    /// Pictures: `shapes10` (built in), `cifar10` (see `skipscope data download`), or a CIFAR-10 archive or folder
    /// [default: shapes10].
    #[arg(long, value_name = "DATA")]
    data: Option<String>,

    #[command(flatten)]
    network: NetworkArgs,

    #[command(flatten)]
    recipe: RecipeArgs,

    #[command(flatten)]
    engine: EngineArgs,

    #[command(flatten)]
    device: DeviceArgs,

    #[command(flatten)]
    memory: MemoryArgs,

    /// Write every step's measurements to FILE, a table (.csv) or JSON lines (.jsonl).
    ///
    /// Both have step, epoch, learning rate, loss and accuracy of each batch, the L2 norm of each parameter's gradient,
    /// and the evaluations. JSON lines add weight norms and, for each block, mean and standard deviation of
    /// shortcut, residual branch, their sum and the output.
    #[arg(long, value_name = "FILE", help_heading = "Files")]
    log: Option<PathBuf>,

    /// Save the network, with all that is needed to go on, at the end or at Ctrl-C.
    ///
    /// A safetensors file with torchvision's names, which PyTorch can load. It replaces the file of that name only
    /// when it is complete.
    #[arg(long, value_name = "FILE", help_heading = "Files")]
    save: Option<PathBuf>,

    /// Go on with a saved run, bit for bit on the same machine.
    ///
    /// Network and recipe come from the file; --epochs, --steps, --lr, --momentum, --nesterov, --weight-decay,
    /// --schedule and --augment may change them. A file that PyTorch wrote gives the initial weights of a new run.
    #[arg(long, value_name = "FILE", help_heading = "Files")]
    resume: Option<PathBuf>,
}

/// How to train. Each absent flag leaves the recipe as it is.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Recipe")]
pub struct RecipeArgs {
    /// Passes over the training pictures [default: 10].
    #[arg(long, value_name = "N", conflicts_with = "steps")]
    pub epochs: Option<u32>,

    /// Length of the run in steps instead of epochs.
    #[arg(long, value_name = "N")]
    pub steps: Option<u64>,

    /// Pictures in a step [default: 64].
    #[arg(long, value_name = "N")]
    pub batch: Option<usize>,

    /// Learning rate: how far a step moves the weights, to begin with [default: 0.01].
    #[arg(long, value_name = "X")]
    pub lr: Option<f32>,

    /// Share of the last step's direction that the next one keeps, 0 to below 1 [default: 0.9].
    #[arg(long, value_name = "X")]
    pub momentum: Option<f32>,

    /// Nesterov's form of momentum: take the gradient's own step after the momentum's.
    #[arg(long)]
    pub nesterov: bool,

    /// L2 penalty: this times each weight is added to its gradient [default: 0].
    #[arg(long, value_name = "X")]
    pub weight_decay: Option<f32>,

    /// How the learning rate changes over the run [default: constant].
    #[arg(long, value_name = "KIND", value_parser = choice::<Schedule>(&SCHEDULES))]
    pub schedule: Option<Schedule>,

    /// What is done to training pictures, anew in each epoch [default: none].
    #[arg(long, value_name = "KIND", value_parser = choice::<Augment>(&AUGMENTS))]
    pub augment: Option<Augment>,

    /// Distribution of the initial weights [default: torch].
    #[arg(long, value_name = "KIND", value_parser = choice::<Init>(&INITS))]
    pub init: Option<Init>,

    /// Where all randomness comes from: weights, order of pictures, augmentation [default: 1].
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
}

const SCHEDULES: [(&str, &str); 3] = [
    ("constant", "always the same"),
    ("step", "a tenth from half of the run on, a hundredth from three quarters on"),
    ("cosine", "half a cosine down to 0, step by step"),
];

const AUGMENTS: [(&str, &str); 2] =
    [("none", "nothing"), ("crop-flip", "4 pixels of padding, a random crop, a random mirror image")];

pub const INITS: [(&str, &str); 3] = [
    ("torch", "uniform in ±1/√fan-in, PyTorch's defaults"),
    ("he", "normal with standard deviation √(2/fan-in), made for ReLU"),
    (
        "fixup",
        "he, but each branch's last convolution and the classifier 0, its others × L^(−1/(2m−2)) for L blocks of m \
         convolutions; Fixup's scalar multipliers and biases are left out. For networks with skips, with --no-bn",
    ),
];

impl RecipeArgs {
    /// Changes what flags were given for.
    pub fn apply(&self, recipe: &mut Recipe) {
        if let Some(epochs) = self.epochs {
            (recipe.epochs, recipe.steps) = (epochs, None);
        }
        recipe.steps = self.steps.or(recipe.steps);
        recipe.batch = self.batch.unwrap_or(recipe.batch);
        recipe.lr = self.lr.unwrap_or(recipe.lr);
        recipe.momentum = self.momentum.unwrap_or(recipe.momentum);
        recipe.nesterov |= self.nesterov;
        recipe.weight_decay = self.weight_decay.unwrap_or(recipe.weight_decay);
        recipe.schedule = self.schedule.unwrap_or(recipe.schedule);
        recipe.augment = self.augment.unwrap_or(recipe.augment);
        recipe.init = self.init.unwrap_or(recipe.init);
        recipe.seed = self.seed.unwrap_or(recipe.seed);
    }
}

/// Fails early if no file could be written at `path`.
pub fn check_folder(flag: &str, path: &Path) -> anyhow::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    ensure!(folder.is_dir(), "{flag} {}: there is no folder {}", path.display(), folder.display());
    ensure!(!path.is_dir(), "{flag} {}: this is a folder, a file name is needed", path.display());
    Ok(())
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    // Whatever can be wrong is found out before the first step.
    if let Some(path) = &args.save {
        check_folder("--save", path)?;
    }
    if let Some(path) = &args.log {
        log::check(path)?;
    }
    let resumed = match &args.resume {
        Some(path) => Some(Resumed::read(path, args.model.as_deref(), &args.network)?),
        None => None,
    };
    let goes_on = resumed.as_ref().is_some_and(|r| r.origin == Origin::Skipscope);
    let start = match (&args.model, &resumed) {
        (Some(name), None) => Some(build(name, args)?),
        _ => None,
    };
    let trained_on = resumed.as_ref().filter(|_| goes_on).map(|r| r.checkpoint.data.as_str());
    let pictures = data::load(args.data.as_deref(), trained_on)?;
    let start = match (start, resumed) {
        (Some(build), _) => build,
        (None, Some(r)) => r.go_on(&args.network, &args.recipe, &args.device.variant, &pictures)?,
        (None, None) => bail!("name a model, or a run to go on with (--resume)"),
    };
    let interrupted = headless::interrupts()?;
    let mut session = headless::open(&args.device, &args.memory, &args.engine, true)?;
    session.send(data::command(pictures));
    session.send(start);
    session.send(Command::Run);
    let mut run = Run::new(args, goes_on);
    let code = run.drive(&mut session, &interrupted);
    run.bar.finish_and_clear();
    // Measurements up to a failure are worth keeping.
    let flushed = run.log.as_mut().map_or(Ok(()), Log::flush);
    code.and_then(|code| flushed.map(|()| code))
}

fn build(name: &str, args: &Args) -> anyhow::Result<Command> {
    let spec = model::with_flags(name, &args.network)?;
    let mut recipe = Recipe::default();
    args.recipe.apply(&mut recipe);
    recipe.validate()?;
    Ok(Command::Build(Box::new(Build { name: name.to_owned(), spec, recipe })))
}

/// A run as it is shown.
struct Run<'a> {
    args: &'a Args,
    /// Whether it continues an earlier one, and so does its log.
    goes_on: bool,
    bar: ProgressBar,
    log: Option<Log>,
    data: String,
    train_images: usize,
    steps_per_epoch: u64,
    built: bool,
    /// Ctrl-C was pressed.
    stopping: bool,
    speed_shown: Instant,
}

impl<'a> Run<'a> {
    fn new(args: &'a Args, goes_on: bool) -> Self {
        // Hidden by itself where standard error is no terminal.
        let bar = ProgressBar::new(1);
        if let Ok(style) = ProgressStyle::with_template("{bar:32} {pos}/{len} {msg}") {
            bar.set_style(style.progress_chars("━╸ "));
        }
        Self {
            args,
            goes_on,
            bar,
            log: None,
            data: String::new(),
            train_images: 0,
            steps_per_epoch: 1,
            built: false,
            stopping: false,
            speed_shown: Instant::now(),
        }
    }

    /// Goes on to the end, Ctrl-C or a failure.
    fn drive(&mut self, session: &mut Session, interrupted: &AtomicBool) -> anyhow::Result<ExitCode> {
        loop {
            if interrupted.load(Ordering::SeqCst) && !self.stopping {
                self.stopping = true;
                if !self.built {
                    self.note("interrupted before the first step");
                    return Ok(ExitCode::from(INTERRUPTED));
                }
                self.bar.set_message("finishing the step");
                session.send(Command::Pause);
                if self.args.save.is_some() {
                    session.send(Command::Save);
                }
            }
            let Some(events) = headless::turn(session) else {
                ensure!(self.stopping, "training stopped before its end");
                self.note("interrupted");
                return Ok(ExitCode::from(INTERRUPTED));
            };
            for event in events {
                if let Some(code) = self.on(session, event)? {
                    return Ok(code);
                }
            }
        }
    }

    /// Shows what happened; an exit code once there is nothing more to do.
    fn on(&mut self, session: &mut Session, event: Event) -> anyhow::Result<Option<ExitCode>> {
        match event {
            Event::DataLoaded(info) => {
                self.note(&format!(
                    "{}: {} training and {} test pictures, {} classes",
                    info.name,
                    text::grouped(info.train_images as u64),
                    text::grouped(info.test_images as u64),
                    info.classes.len()
                ));
                self.data = info.name;
                self.train_images = info.train_images;
            }
            Event::Compiling { done, of } => {
                self.bar.set_length(of as u64);
                self.bar.set_position(done as u64);
                self.bar.set_message("kernels compiled");
            }
            Event::Built(info) => self.start(session, &info)?,
            Event::Loaded { step } => self.note(&format!("going on at step {step}")),
            Event::Step(record) => self.step(session, &record)?,
            Event::EpochEnd { epoch, mean_loss, mean_accuracy } => self.line(&format!(
                "Epoch [{}], Mean loss: {mean_loss:.4}, training accuracy: {:.2} %",
                epoch + 1,
                mean_accuracy * 100.0
            ))?,
            Event::Evaluated(evaluation) => self.evaluated(&evaluation)?,
            Event::Warning(message) => self.note(&format!("warning: {message}")),
            Event::Finished if self.args.save.is_none() => return Ok(Some(ExitCode::SUCCESS)),
            Event::Finished if !self.stopping => session.send(Command::Save),
            // Nobody asks for safekeeping here; `--save` is the terminal's way.
            Event::Finished
            | Event::Kept { .. }
            | Event::Operated(_)
            | Event::Parted { .. }
            | Event::EvaluatedThen(_)
            | Event::LookedBack { .. }
            | Event::Branched { .. }
            | Event::RaceFinished { .. }
            | Event::ExperimentFinished => {}
            Event::Saved { step, bytes } => {
                self.save(step, &bytes)?;
                let code = if self.stopping { ExitCode::from(INTERRUPTED) } else { ExitCode::SUCCESS };
                return Ok(Some(code));
            }
            Event::Error(_) | Event::Diverged { .. } | Event::DeviceLost(_) => headless::check(&event)?,
        }
        Ok(None)
    }

    fn start(&mut self, session: &Session, info: &ModelInfo) -> anyhow::Result<()> {
        let adapter = session.gpu().facts.name.clone();
        let picks = Variants::from_map(&info.variants)?.picks();
        if !picks.is_empty() {
            picks::save(session.gpu(), &picks);
        }
        self.note(&format!(
            "{}: {} parameters, batch {}, {} of GPU memory on {adapter}",
            info.name,
            text::grouped(info.parameters as u64),
            info.recipe.batch,
            text::size(info.gpu_bytes)
        ));
        if let Some(path) = &self.args.log {
            self.log = Some(Log::open(path, info, &self.data, &adapter, self.goes_on)?);
        }
        self.steps_per_epoch = info.recipe.steps_per_epoch(self.train_images).max(1);
        self.built = true;
        self.bar.set_length(info.recipe.total_steps(self.train_images));
        self.bar.set_position(0);
        self.bar.set_message("");
        Ok(())
    }

    fn step(&mut self, session: &Session, record: &StepRecord) -> anyhow::Result<()> {
        if let Some(log) = &mut self.log {
            log.step(record)?;
        }
        if record.batch_index.is_multiple_of(PRINT_EVERY) {
            let (epoch, batch) = (record.epoch + 1, record.batch_index);
            self.line(&format!("Epoch [{epoch}], Step [{batch}], Loss: {:.4}", record.loss))?;
        }
        self.bar.set_position(record.step + 1);
        if !self.bar.is_hidden() && self.speed_shown.elapsed() > SPEED_EVERY {
            self.speed_shown = Instant::now();
            let snapshot = session.snapshot();
            if let Some(speed) = snapshot.images_per_s.filter(|s| *s > 0.0) {
                let images = (snapshot.total_steps - snapshot.step.min(snapshot.total_steps)) as f64
                    * f64::from(record.images);
                self.bar.set_message(format!(
                    "{speed:.0} images/s, {} left, loss {:.4}",
                    text::duration(images / f64::from(speed)),
                    record.loss
                ));
            }
        }
        Ok(())
    }

    fn evaluated(&mut self, e: &Evaluation) -> anyhow::Result<()> {
        // After the last step of an epoch, that epoch.
        let epoch = e.step.saturating_sub(1) / self.steps_per_epoch;
        if let Some(log) = &mut self.log {
            log.evaluation(e, epoch)?;
        }
        self.line(&format!(
            "Epoch [{}], Test accuracy: {:.2} %, test loss: {:.4}",
            epoch + 1,
            e.accuracy * 100.0,
            e.loss
        ))
    }

    fn save(&self, step: u64, bytes: &[u8]) -> anyhow::Result<()> {
        let Some(path) = &self.args.save else { return Ok(()) };
        write_atomically(path, bytes).with_context(|| format!("cannot save {}", path.display()))?;
        self.note(&format!("saved {} after {step} steps", path.display()));
        Ok(())
    }

    /// A result, to standard output.
    fn line(&self, line: &str) -> anyhow::Result<()> {
        self.bar.suspend(|| text::print_line(line))
    }

    /// A remark, to standard error.
    fn note(&self, line: &str) {
        self.bar.suspend(|| eprintln!("{line}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_change_the_recipe_and_nothing_else() {
        let mut recipe = Recipe { steps: Some(5), ..Recipe::default() };
        RecipeArgs { lr: Some(0.5), nesterov: true, ..RecipeArgs::default() }.apply(&mut recipe);
        assert_eq!(recipe, Recipe { steps: Some(5), lr: 0.5, nesterov: true, ..Recipe::default() });
        RecipeArgs { epochs: Some(3), ..RecipeArgs::default() }.apply(&mut recipe);
        assert_eq!((recipe.epochs, recipe.steps), (3, None));
    }

    #[test]
    fn defaults_are_as_the_help_says() {
        let r = Recipe::default();
        assert_eq!(
            (r.epochs, r.batch, r.lr, r.momentum, r.weight_decay, r.seed),
            (10, 64, 0.01, 0.9, 0.0, 1)
        );
        assert_eq!((r.schedule, r.augment, r.init), (Schedule::Constant, Augment::None, Init::Torch));
    }
}
