//! What a lesson can tell the window to do: one order a line, each checked when the lesson is read.

use super::super::charts::Tab;
use super::super::link::{Link, is_look};
use super::super::map::Measure;
use super::super::panels::{LabForm, RaceForm};

/// Steps that one order trains at most, so that a lesson can be played in a lesson.
const MOST_STEPS: u64 = 5000;

/// One thing that the window does for a lesson.
#[derive(Clone, Debug, PartialEq)]
// A lesson has a few of them.
#[allow(clippy::large_enum_variant)]
pub enum Order {
    /// Build the network and recipe of this link: what stands in an address after its `#`.
    Build(String),
    /// Show and choose what this link says of the view.
    Show(String),
    /// Train so many more steps, then pause.
    Run(u64),
    /// Do the experiment that a link's `lab` describes, to its end.
    Lab(LabForm),
    /// Race what a link's `race` describes, until all lanes are trained.
    Race(RaceForm),
    /// Measure on the test split.
    Evaluate,
    /// Show this part of the charts.
    Tab(Tab),
    /// Colour the map by this.
    Measure(Measure),
    /// Set α of one block, or of all.
    Alpha { block: Option<String>, value: f32 },
    /// What this run is called in the list.
    Name(String),
}

/// Which machines an order is for: some do more in a minute than others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    Any,
    Gpu,
    Cpu,
}

impl On {
    /// Whether it is for a machine whose adapter is a CPU, or is not.
    pub fn takes(self, cpu: bool) -> bool {
        match self {
            On::Any => true,
            On::Gpu => !cpu,
            On::Cpu => cpu,
        }
    }
}

/// Reads one line; fails with what is wrong with it.
pub fn parse(line: &str) -> Result<(On, Order), String> {
    let line = line.trim();
    let (on, rest) = match line.split_once(':') {
        Some(("gpu", rest)) => (On::Gpu, rest.trim()),
        Some(("cpu", rest)) => (On::Cpu, rest.trim()),
        _ => (On::Any, line),
    };
    let (word, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let rest = rest.trim();
    let order = match word {
        "build" => Order::Build(link(rest, false)?),
        "show" => Order::Show(link(rest, true)?),
        "run" => {
            let steps = rest.parse().ok().filter(|n| (1..=MOST_STEPS).contains(n));
            Order::Run(steps.ok_or(format!("'{line}': how many steps, from 1 to {MOST_STEPS}?"))?)
        }
        "lab" => {
            let form = LabForm::read(rest);
            Order::Lab(form.ok_or(format!("'{line}': write 'lab lesion', or what a link says behind lab="))?)
        }
        "race" => {
            let form = RaceForm::read(rest);
            Order::Race(form.ok_or(format!(
                "'{line}': write what a link says behind race=, as resnet8:skip:100:1:32:0.02"
            ))?)
        }
        "evaluate" if rest.is_empty() => Order::Evaluate,
        "chart" => Order::Tab(tab(rest).ok_or(format!("'{line}': there is no such chart"))?),
        "measure" => Order::Measure(measure(rest).ok_or(format!("'{line}': there is no such measure"))?),
        "alpha" => alpha(rest).ok_or(format!("'{line}': write 'alpha 0.5' or 'alpha layer2.0 0.5'"))?,
        "name" if !rest.is_empty() => Order::Name(rest.to_owned()),
        _ => return Err(format!("'{line}' is no order that the window knows")),
    };
    Ok((on, order))
}

/// Parts of a link, separated by spaces: of the view alone, or of network and recipe alone.
fn link(parts: &str, look: bool) -> Result<String, String> {
    let parts: Vec<&str> = parts.split_whitespace().collect();
    if parts.is_empty() {
        return Err("'build' and 'show' need something like m=resnet20".into());
    }
    if let Some(part) = parts.iter().find(|p| is_look(p.split('=').next().unwrap_or(p)) != look) {
        let other = if look { "build" } else { "show" };
        return Err(format!("'{part}' belongs behind '{other}'"));
    }
    let refused = ["lang=", "lesson=", "d="];
    if let Some(part) = parts.iter().find(|p| refused.iter().any(|r| p.starts_with(r))) {
        return Err(format!("'{part}' is not a lesson's to say"));
    }
    let link = parts.join("&");
    match Link::parse(&link).1.as_slice() {
        [] => Ok(link),
        faults => Err(format!("not understood: {}", faults.join(", "))),
    }
}

fn tab(word: &str) -> Option<Tab> {
    Some(match word {
        "loss" => Tab::Loss,
        "accuracy" => Tab::Accuracy,
        "rates" => Tab::Rates,
        "layers" => Tab::Layers,
        "confusion" => Tab::Confusion,
        _ => return None,
    })
}

fn measure(word: &str) -> Option<Measure> {
    Some(match word {
        "gradient" => Measure::Gradient,
        "std" => Measure::Std,
        "update" => Measure::Update,
        "weight" => Measure::Weight,
        "dead" => Measure::Dead,
        "time" => Measure::Time,
        _ => return None,
    })
}

fn alpha(rest: &str) -> Option<Order> {
    let (block, value) = match rest.split_once(' ') {
        Some((block, value)) => (Some(block.to_owned()), value.trim()),
        None => (None, rest),
    };
    let value: f32 = value.parse().ok().filter(|v| (-2.0..=2.0).contains(v))?;
    Some(Order::Alpha { block, value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_read() {
        let order = |line| parse(line).map(|(_, o)| o);
        assert_eq!(order("build m=resnet20 b=16"), Ok(Order::Build("m=resnet20&b=16".into())));
        assert_eq!(
            order("show view=microscope block=layer2.0"),
            Ok(Order::Show("view=microscope&block=layer2.0".into()))
        );
        assert_eq!(parse("cpu: run 60"), Ok((On::Cpu, Order::Run(60))));
        assert_eq!(
            order("alpha layer1.0 -0.5"),
            Ok(Order::Alpha { block: Some("layer1.0".into()), value: -0.5 })
        );
        assert_eq!(order("alpha 0"), Ok(Order::Alpha { block: None, value: 0.0 }));
        assert_eq!(order(" evaluate "), Ok(Order::Evaluate));
        let lab = LabForm::read("lesion:drop:200:kept:twin").expect("an experiment");
        assert_eq!(parse("cpu: lab lesion:drop:200:kept:twin"), Ok((On::Cpu, Order::Lab(lab))));
        let race = RaceForm::read("plain20:depth:9:1:4:0.02:plain20,plain8:4").expect("a race");
        let line = "gpu: race plain20:depth:9:1:4:0.02:plain20,plain8:4";
        assert_eq!(parse(line), Ok((On::Gpu, Order::Race(race))));
    }

    #[test]
    fn what_is_no_order_is_said() {
        for line in [
            "",
            "rm -rf",
            "run",
            "run 0",
            "run 99999999999999999999",
            "run -1",
            "build",
            "build m=resnet9000",
            "lab",
            "lab lesion:drop:0:kept:twin",
            "race",
            "race resnet8:skip:0:1:8:0.02",
            "build view=microscope",
            "show m=resnet20",
            "show lang=zh-CN",
            "build lang=en",
            "build lesson=block",
            "build m=resnet20 d=cifar-10",
            "alpha NaN",
            "alpha inf",
            "alpha 3",
            "chart pie",
            "measure joy",
            "evaluate now",
            "gpu:",
            "name",
        ] {
            let error = parse(line).expect_err(line);
            assert!(!error.is_empty());
        }
    }
}
