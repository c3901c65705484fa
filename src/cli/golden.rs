//! `skipscope golden`.

use super::args::{DeviceArgs, EngineArgs};
use super::text;
use crate::data::{Dataset, cifar};
use crate::gpu::Gpu;
use crate::session::EngineKind;
use crate::train::golden::{self, Case, Field};
#[cfg(feature = "burn")]
use anyhow::anyhow;
use anyhow::{Context as _, bail};
use std::path::{Path, PathBuf};

/// The archive, when `--archive` does not name it.
const ARCHIVE: &str = "SKIPSCOPE_ARCHIVE";

/// Compare training runs with the answers PyTorch gave in double precision.
///
/// Each case trains one network for a few steps on real pictures. A line for each field says case, field, the
/// worst relative deviation, how much is allowed, and `ok`, `OFF`, or `skipped` where single precision is
/// too chaotic to compare. The exit code is 0 only if every compared field of every case is `ok`.
#[derive(clap::Args)]
pub struct Args {
    /// Files that each describe one case.
    #[arg(value_name = "CASE.json", required = true)]
    cases: Vec<PathBuf>,

    /// The CIFAR-10 archive that the cases were made from [default: $SKIPSCOPE_ARCHIVE].
    #[arg(long, value_name = "FILE")]
    archive: Option<PathBuf>,

    #[command(flatten)]
    engine: EngineArgs,

    #[command(flatten)]
    device: DeviceArgs,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let Some(archive) = args.archive.clone().or_else(|| std::env::var_os(ARCHIVE).map(PathBuf::from)) else {
        bail!("no archive is given: name the pictures with --archive FILE or in the variable {ARCHIVE}");
    };
    let cases: Vec<(String, Case)> = args.cases.iter().map(|path| read(path)).collect::<Result<_, _>>()?;
    let data = cifar::from_path(&archive)?;
    let runner = Runner::open(args)?;
    let width = cases.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let (mut compared, mut off) = (0, 0);
    for (name, case) in &cases {
        for field in runner.run(case, &data).context(name.clone())? {
            let (tolerance, verdict) = match field.tolerance {
                None => ("-".to_owned(), "skipped"),
                Some(t) => (format!("{t:.1e}"), if field.holds() { "ok" } else { "OFF" }),
            };
            compared += usize::from(field.tolerance.is_some());
            off += usize::from(!field.holds());
            text::print_line(&format!(
                "{name:<width$}  {:<12}  {:>9.2e}  {tolerance:>8}  {verdict}",
                field.name, field.worst
            ))?;
        }
    }
    if off > 0 {
        bail!("{off} of {compared} fields are off");
    }
    Ok(())
}

/// What runs the cases.
enum Runner {
    Own(Gpu, DeviceArgs),
    #[cfg(feature = "burn")]
    Burn(crate::burn::Device),
}

impl Runner {
    fn open(args: &Args) -> anyhow::Result<Self> {
        let engine = args.engine.or(EngineKind::Own)?;
        #[cfg(feature = "burn")]
        match engine {
            EngineKind::Own => {}
            EngineKind::BurnCpu => return Ok(Self::Burn(crate::burn::cpu())),
            EngineKind::Burn => {
                let gpu = args.device.open_for(engine)?;
                return Ok(Self::Burn(crate::burn::open(&gpu).map_err(|e| anyhow!(e))?));
            }
        }
        Ok(Self::Own(args.device.open_for(engine)?, args.device.clone()))
    }

    fn run(&self, case: &Case, data: &Dataset) -> anyhow::Result<Vec<Field>> {
        match self {
            Self::Own(gpu, device) => {
                let variants = device.variants_for(gpu, &case.spec(), case.data.batch)?;
                Ok(golden::run(gpu, case, data, variants)?)
            }
            #[cfg(feature = "burn")]
            Self::Burn(device) => Ok(crate::burn::golden(device, case, data)?),
        }
    }
}

/// A case and what to call it.
fn read(path: &Path) -> anyhow::Result<(String, Case)> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let case =
        serde_json::from_str(&text).with_context(|| format!("{} is no golden case", path.display()))?;
    let name = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    Ok((name, case))
}
