//! Flags that several commands share, and how their values are read.

use super::picks;
use crate::engine::variants::{OPERATIONS, TIMED, VARIANTS, Variants};
use crate::engine::{DEFAULT_BUDGET, Tuning};
use crate::gpu::{AdapterChoice, Gpu};
use crate::model::{ModelSpec, Shortcut};
use crate::session::EngineKind;
use anyhow::anyhow;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use serde::de::DeserializeOwned;

/// What to compute on.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Device")]
pub struct DeviceArgs {
    /// Adapter to use: a part of its name (see `skipscope adapters`), or `cpu` for a software one.
    ///
    /// Without it the most powerful graphics card is taken.
    #[arg(long, value_name = "TEXT")]
    pub adapter: Option<String>,

    /// Kernel variant of an operation, e.g. `conv_forward=pixel`; may be repeated.
    ///
    /// Operations are conv_forward, conv_input_grad, conv_weight_grad. Variants are transform (products of
    /// matrices, Winograd's at stride 1; software adapters take it by themselves), row (register tiles along a
    /// row), tiled and tiled_small (tiles of 64×64 or 32×32 in workgroup memory) and pixel (one output at a time), or
    /// timed: before the first step the fastest is found for each shape, and remembered (graphics cards do that by
    /// themselves). `timed` alone stands for all three. They compute the same in another order, so they differ in
    /// speed and in the last bits: a run to be repeated bit for bit has them named, or goes on from a checkpoint.
    #[arg(long, value_name = "OP=NAME|timed", value_parser = variant)]
    pub variant: Vec<(String, String)>,
}

impl DeviceArgs {
    /// Opens the adapter.
    pub fn open(&self) -> anyhow::Result<Gpu> {
        Ok(pollster::block_on(Gpu::open(&self.choice()))?)
    }

    /// Opens the adapter as `engine` wants it.
    pub fn open_for(&self, engine: EngineKind) -> anyhow::Result<Gpu> {
        #[cfg(feature = "burn")]
        if engine == EngineKind::Burn {
            return Ok(pollster::block_on(Gpu::open_wide(&self.choice()))?);
        }
        let _ = engine;
        self.open()
    }

    fn choice(&self) -> AdapterChoice {
        match self.adapter.as_deref() {
            None => AdapterChoice::Best,
            Some("cpu") => AdapterChoice::Cpu,
            Some(text) => AdapterChoice::Named(text.to_owned()),
        }
    }

    /// What `gpu` computes with by itself, with what `--variant` changes.
    pub fn variants(&self, gpu: &Gpu) -> anyhow::Result<Variants> {
        let mut variants = Variants::for_adapter(&gpu.facts);
        for (operation, name) in &self.variant {
            if operation == TIMED {
                for operation in OPERATIONS {
                    variants.set(operation, TIMED)?;
                }
            } else {
                variants.set(operation, name)?;
            }
        }
        variants.remember(&picks::load(gpu));
        Ok(variants)
    }

    /// The same, with what is timed found out for `spec` at `batch`.
    pub fn variants_for(&self, gpu: &Gpu, spec: &ModelSpec, batch: usize) -> anyhow::Result<Variants> {
        let tuning = Tuning::new(spec, &self.variants(gpu)?, batch)?;
        let timed = tuning.progress().1 > 0;
        let variants = tuning.finish(gpu).map_err(|e| anyhow!(e))?;
        if timed {
            picks::save(gpu, &variants.picks());
        }
        Ok(variants)
    }
}

/// What computes.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Device")]
pub struct EngineArgs {
    /// What computes the network: Skipscope's own kernels, or the framework Burn as a second opinion.
    ///
    /// Burn takes a program built with `cargo build --release --features burn`. Weights, order of the pictures and
    /// updates are the same, sums are rounded differently; checkpoints can be exchanged.
    #[arg(long, value_name = "ENGINE", value_parser = choice::<EngineKind>(&ENGINES))]
    engine: Option<EngineKind>,
}

pub const ENGINES: [(&str, &str); 3] = [
    ("own", "Skipscope's WGSL kernels"),
    ("burn", "Burn on the same adapter, through wgpu"),
    ("burn-cpu", "Burn on the CPU, through burn-flex"),
];

impl EngineArgs {
    /// The engine that was asked for, or `default`.
    ///
    /// # Errors
    ///
    /// If this program was built without it.
    pub fn or(&self, default: EngineKind) -> anyhow::Result<EngineKind> {
        self.engine.unwrap_or(default).check().map_err(|e| anyhow!(e))
    }
}

/// How much a network may take.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Device")]
pub struct MemoryArgs {
    /// GPU memory that the network may use, e.g. `512MiB` or `4GiB` [default: 2GiB].
    ///
    /// WebGPU does not tell how much is free, so a limit has to be given. What exceeds it is refused before
    /// anything is built, with the batch size that would fit.
    #[arg(long, value_name = "SIZE", value_parser = byte_size)]
    pub gpu_memory: Option<u64>,
}

impl MemoryArgs {
    /// Bytes.
    pub fn budget(&self) -> u64 {
        self.gpu_memory.unwrap_or(DEFAULT_BUDGET)
    }
}

/// What may differ from the network of the given name.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Network")]
pub struct NetworkArgs {
    /// What runs beside each residual branch F(x).
    ///
    /// Without it, what the named network has: `projection` for ResNet-18 and its like, `zero_pad` for the CIFAR
    /// family, `none` for plain networks.
    #[arg(long, value_name = "KIND", value_parser = choice::<Shortcut>(&SHORTCUTS))]
    pub shortcut: Option<Shortcut>,

    /// α in ReLU(F(x) + α·shortcut(x)), for all blocks [default: 1].
    ///
    /// 1 is a residual network, 0 cuts the skip connections, anything between weakens them.
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    pub alpha: Option<f32>,

    /// Channels of the first stage; each later one has twice as many.
    ///
    /// Without it what the named network has: 64, and 16 in the CIFAR family.
    #[arg(long, value_name = "N")]
    pub width: Option<usize>,

    /// Leave out batch norm; every convolution gets a bias instead.
    #[arg(long)]
    pub no_bn: bool,

    /// Height and width in pixels that pictures are resized to before they enter the network.
    ///
    /// Without it 32, and 224 for networks with the ImageNet stem.
    #[arg(long, value_name = "N")]
    pub resize: Option<usize>,
}

const SHORTCUTS: [(&str, &str); 3] = [
    ("projection", "identity, and a 1×1 convolution where the shape changes (option B in the paper)"),
    ("zero_pad", "identity, and zeros for new channels: no parameters (option A)"),
    ("none", "nothing: a plain network"),
];

/// A value of an enum by its serialised name, listed with explanations in the help.
pub fn choice<T: DeserializeOwned + Clone + Send + Sync + 'static>(
    values: &'static [(&'static str, &'static str)],
) -> impl TypedValueParser<Value = T> {
    let listed = values.iter().map(|(name, help)| PossibleValue::new(*name).help(*help));
    PossibleValuesParser::new(listed).try_map(|name| {
        serde_json::from_value::<T>(serde_json::Value::String(name)).map_err(|e| e.to_string())
    })
}

fn variant(text: &str) -> Result<(String, String), String> {
    if text == TIMED {
        return Ok((TIMED.to_owned(), String::new()));
    }
    let parts = text.split_once('=').filter(|(op, name)| Variants::default().set(op, name).is_ok());
    let (op, name) = parts.ok_or_else(|| {
        format!(
            "expected {TIMED} or OPERATION=VARIANT, the operation one of {}, the variant one of {} or {TIMED}",
            OPERATIONS.join(", "),
            VARIANTS.join(", ")
        )
    })?;
    Ok((op.to_owned(), name.to_owned()))
}

/// `512MiB`, `1.5GiB`, `2GB`, `1000000` → bytes.
fn byte_size(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let factor: f64 = match unit.trim().to_lowercase().as_str() {
        "" | "b" => 1.0,
        "kib" | "k" => 1024.0,
        "mib" | "m" => 1_048_576.0,
        "gib" | "g" => 1_073_741_824.0,
        "kb" => 1e3,
        "mb" => 1e6,
        "gb" => 1e9,
        _ => return Err(format!("'{unit}' is no unit; use MiB or GiB, as in 512MiB or 2GiB")),
    };
    let number: f64 = number.parse().map_err(|_| "expected a size such as 512MiB or 2GiB".to_owned())?;
    let bytes = number * factor;
    if (1.0..1e18).contains(&bytes) {
        Ok(bytes as u64)
    } else {
        Err("expected a size such as 512MiB or 2GiB".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_their_units() {
        for (text, bytes) in
            [("2GiB", 2 << 30), ("512 MiB", 512 << 20), ("1.5g", 3 << 29), ("2GB", 2_000_000_000), ("77", 77)]
        {
            assert_eq!(byte_size(text), Ok(bytes), "{text}");
        }
        for text in ["", "GiB", "2 parsecs", "-1GiB", "1.2.3MiB", "0", "999999999999GiB"] {
            assert!(byte_size(text).is_err(), "{text}");
        }
        assert_eq!(byte_size("2GiB"), Ok(DEFAULT_BUDGET), "the help says so");
    }

    #[test]
    fn variants_are_checked() {
        assert_eq!(variant("conv_forward=pixel"), Ok(("conv_forward".into(), "pixel".into())));
        assert_eq!(variant("timed"), Ok(("timed".into(), String::new())));
        assert!(
            variant("conv_forward=timed").is_ok() && variant("conv_forward k3s1 8-8 4x4 n2=tiled").is_ok()
        );
        for text in ["conv_forward", "conv_forward=magic", "pool=row", "pool k3=row", ""] {
            assert!(variant(text).is_err(), "{text}");
        }
    }
}
