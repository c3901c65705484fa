//! The terminal program as a user meets it: what it prints, its exit codes, the files it leaves.

#![cfg(all(feature = "app", feature = "cli"))]

use serde_json::Value;
use skipscope::checkpoint::{Origin, decode};
use skipscope::gpu::{AdapterChoice, Gpu};
use skipscope::model::{ModelSpec, Shortcut, by_name};
use skipscope::session::{
    Activity, Build, Command as Run, DataSource, Event, Experiment, Found, Session, SessionOptions,
};
use skipscope::train::{Augment, Init, Recipe, Schedule};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_skipscope");

fn program(args: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(args).env_remove("SKIPSCOPE_ARCHIVE").env_remove("RUST_LOG");
    command
}

fn run(args: &[&str]) -> Output {
    program(args).output().expect("the program starts")
}

fn stdout(args: &[&str]) -> String {
    let out = run(args);
    assert!(out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).expect("UTF-8")
}

/// The message of a command that fails with exit code 1 and one line.
fn error(args: &[&str]) -> String {
    let out = run(args);
    assert_eq!(out.status.code(), Some(1), "{args:?}");
    let text = String::from_utf8(out.stderr).expect("UTF-8");
    // A graphics driver may print lines of its own, but never ours.
    let lines: Vec<_> =
        text.lines().filter(|l| l.starts_with("error: ") && !l.contains("XDG_RUNTIME_DIR")).collect();
    assert_eq!(lines.len(), 1, "{args:?}: {text}");
    lines[0].trim_start_matches("error: ").to_owned()
}

/// An unpacked CIFAR-10 with `train` and `test` pictures of stripes whose width tells the class, and a place
/// for files.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new(train: usize, test: usize) -> Self {
        let place = Self { folder: tempfile::tempdir().expect("a folder") };
        let batches = place.folder.path().join("cifar-10-batches-bin");
        fs::create_dir(&batches).expect("created");
        let record = |i: usize| {
            let label = i % 10;
            let pixel = move |p: usize| {
                if ((p % 32 + i) / (label + 1)).is_multiple_of(2) { 40 } else { 200 + (i % 50) as u8 }
            };
            std::iter::once(label as u8).chain((0..3072).map(pixel))
        };
        let file = |name: &str, count: usize| {
            fs::write(batches.join(name), (0..count).flat_map(record).collect::<Vec<u8>>()).expect("written");
        };
        file("data_batch_1.bin", train);
        file("test_batch.bin", test);
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `train` on these pictures, with `{name}` in arguments standing for the path of that file.
    fn args(&self, args: &[&str]) -> Vec<String> {
        let replace = |arg: &&str| match arg.strip_prefix('{').and_then(|a| a.strip_suffix('}')) {
            Some(name) => self.path(name).display().to_string(),
            None => (*arg).to_owned(),
        };
        args.iter().map(replace).collect()
    }

    fn train(&self, args: &[&str]) -> Vec<String> {
        let data = self.folder.path().display().to_string();
        [vec!["train".to_owned(), "--batch=8".into(), "--data".into(), data], self.args(args)].concat()
    }
}

fn refs(args: &[String]) -> Vec<&str> {
    args.iter().map(String::as_str).collect()
}

#[test]
fn help_teaches() {
    let text = stdout(&["--help"]);
    for word in
        ["train", "eval", "info", "adapters", "golden", "bench", "lab", "data", "ReLU(F(x) + x)", "Examples:"]
    {
        assert!(text.contains(word), "{word}");
    }
    let text = stdout(&["train", "--help"]);
    for word in ["[default: 0.01]", "[default: 64]", "zero_pad", "cosine", "crop-flip", "plain8", "Ctrl-C"] {
        assert!(text.contains(word), "{word}");
    }
}

#[test]
fn info_counts_as_the_papers_do() {
    let info = |args: &[&str]| serde_json::from_str::<Value>(&stdout(args)).expect("JSON");
    let json = info(&["info", "resnet18", "--json"]);
    assert_eq!((json["model"].as_str(), json["parameters"].as_u64()), (Some("resnet18"), Some(11_173_962)));
    assert_eq!(json["macs"].as_u64(), Some(555_422_720));
    let layers = json["layers"].as_array().expect("a list");
    let sum: u64 = layers.iter().filter_map(|l| l["parameters"].as_u64()).sum();
    assert_eq!(sum, 11_173_962);
    let find = |name: &str| layers.iter().find(|l| l["name"] == name).expect("a layer");
    assert_eq!(find("layer2.0.downsample.0")["shape"], serde_json::json!([128, 16, 16]));
    assert_eq!(find("conv1")["macs"].as_u64(), Some(1_769_472));
    let larger = info(&["info", "resnet18", "--json", "--batch", "128"]);
    assert!(larger["train_bytes"].as_u64() > json["train_bytes"].as_u64());
    for (name, count) in [("resnet50-imagenet", 25_557_032), ("resnet20", 269_722), ("plain20", 269_722)] {
        assert_eq!(info(&["info", name, "--json"])["parameters"].as_u64(), Some(count), "{name}");
    }
    assert!(stdout(&["info", "resnet110"]).contains("1,727,962 parameters"));
}

#[test]
fn mistakes_are_explained_on_one_line() {
    let text = error(&["info", "resnet-18"]);
    assert!(
        text.starts_with(
            "there is no model 'resnet-18'. Did you mean resnet18? There are resnet18, resnet34"
        ),
        "{text}"
    );
    assert!(error(&["train", "resent20"]).contains("Did you mean resnet20?"));
    assert!(error(&["golden", "case.json"]).contains("SKIPSCOPE_ARCHIVE"));
    assert!(error(&["golden", "--archive", "none.tar.gz", "case.json"]).contains("cannot read case.json"));
    assert!(
        error(&["train", "resnet8", "--data", "shape10"])
            .contains("no file or folder shape10; give shapes10, ")
    );
    assert!(
        error(&["train", "resnet8", "--save", "no/such/folder/x.safetensors"])
            .contains("no folder no/such/folder")
    );
    assert!(error(&["train", "resnet8", "--log", "log.txt"]).contains(".csv or .jsonl"));
    assert!(
        error(&["train", "resnet8", "--batch", "0"]).contains("batch is 0; 1 to 4096 images are allowed")
    );
    assert!(error(&["train", "plain8", "--alpha", "0.5"]).contains("--alpha"));
    assert!(error(&["train", "--resume", "none.safetensors"]).contains("cannot read none.safetensors"));
    assert!(error(&["eval", "--weights", "none.safetensors"]).contains("cannot read none.safetensors"));
    assert!(error(&["train", "resnet8", "--adapter", "abacus"]).contains("abacus"));
    assert!(error(&["train", "resnet50", "--gpu-memory", "64MiB"]).contains("would fit"));
}

#[test]
fn mistyped_flags_are_usage_errors() {
    for args in [
        &["train"] as &[&str],
        &["train", "resnet8", "--epochs", "1", "--steps", "1"],
        &["train", "resnet8", "--shortcut", "long"],
        &["train", "resnet8", "--gpu-memory", "much"],
        &["train", "resnet8", "--variant", "conv_forward=magic"],
        &["golden"],
        &["fly"],
    ] {
        assert_eq!(run(args).status.code(), Some(2), "{args:?}");
    }
}

#[test]
fn the_built_in_pictures_train_without_further_ado() {
    let text = stdout(&["train", "resnet8", "--batch", "8", "--steps", "12"]);
    let lines: Vec<_> = text.lines().collect();
    let loss = lines[0].strip_prefix("Epoch [1], Step [0], Loss: ").expect("the article's line");
    assert_eq!(loss.split_once('.').map(|(_, decimals)| decimals.len()), Some(4));
    assert!((1.5..4.0).contains(&loss.parse::<f32>().expect("a number")));
    assert!(
        lines[1].starts_with("Epoch [1], Test accuracy: ") && lines[1].contains(" %, test loss: "),
        "{text}"
    );
    assert_eq!(lines.len(), 2, "{text}");
}

#[test]
#[cfg(unix)]
fn an_interrupted_run_goes_on_bit_for_bit() {
    let place = Place::new(40, 20);
    let through = |args: &[&str]| stdout(&refs(&place.train(args)));
    // Epochs of five steps; the last is not complete.
    let recipe = ["--schedule", "cosine", "--augment", "crop-flip", "--nesterov", "--weight-decay", "1e-4"];
    let with = |save: &'static str| [&["resnet8", "--steps", "32", "--save", save], &recipe[..]].concat();
    let whole = through(&with("{whole}"));
    interrupt(&place, &with("{first}"), "Epoch [1], Step [0]");
    let step = checkpoint(&place.path("first")).step;
    assert!((1..32).contains(&step), "saved after step {step}");
    let rest = through(&["--resume", "{first}", "--save", "{second}"]);
    let bytes = |name: &str| fs::read(place.path(name)).expect("saved");
    assert!(bytes("whole") == bytes("second"), "broken off after step {step}");
    assert_eq!(whole.lines().last(), rest.lines().last());
}

/// What "Is this real?" offers in a window, done in a shell: it comes to the window's weights, bit for bit.
#[test]
#[cfg(unix)]
fn the_command_line_that_a_window_prints_repeats_its_run() {
    let gpu = pollster::block_on(Gpu::open(&AdapterChoice::Cpu)).expect("a CPU adapter");
    let mut session = Session::new(gpu, SessionOptions::default());
    let recipe = Recipe {
        batch: 6,
        steps: Some(5),
        lr: 0.03,
        schedule: Schedule::Cosine,
        weight_decay: 1e-4,
        nesterov: true,
        augment: Augment::CropFlip,
        init: Init::He,
        seed: 9,
        ..Recipe::default()
    };
    let base = by_name("resnet8").expect("in the zoo");
    let spec = ModelSpec { shortcut: Shortcut::Projection, width: 6, ..base };
    session.send(Run::LoadData(DataSource::Shapes10 { seed: 1 }));
    session.send(Run::Build(Box::new(Build { name: "resnet8+B+w6".into(), spec, recipe })));
    session.send(Run::Run);
    let mut events = Vec::new();
    let mut settle = |session: &mut Session| {
        let begun = std::time::Instant::now();
        while session.pump() == Activity::Busy {
            assert!(begun.elapsed().as_secs() < 240, "the session does not come to rest");
            session.gpu().wait();
            events.extend(session.events());
        }
        events.extend(session.events());
    };
    settle(&mut session);
    session.send(Run::Save);
    session.send(Run::Experiment(Box::new(Experiment::Trust)));
    settle(&mut session);
    let saved = events.iter().find_map(|e| match e {
        Event::Saved { bytes, .. } => Some(decode(bytes, None).expect("readable").checkpoint),
        _ => None,
    });
    let saved = saved.expect("saved");
    let view = session.snapshot().experiment.expect("an experiment");
    let Some(Found::Trust(found)) = &view.found else { panic!("{view:?}") };
    let line = found.command_line.as_ref().unwrap_or_else(|| panic!("{:?}", found.not_repeatable));
    let words = line.strip_prefix("skipscope ").expect("the program's name");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("repeated.safetensors");
    // Bash and every other shell take it as it stands.
    let out = Command::new("sh")
        .arg("-c")
        .arg(format!("'{PROGRAM}' {words} --save '{}'", path.display()))
        .env_remove("SKIPSCOPE_ARCHIVE")
        .output()
        .expect("a shell");
    assert!(out.status.success(), "{line}: {}", String::from_utf8_lossy(&out.stderr));
    let repeated = checkpoint(&path);
    assert_eq!((repeated.step, &repeated.recipe), (5, &saved.recipe), "{line}");
    assert!(repeated.state == saved.state, "{line}: other weights than the window's");
}

#[test]
fn a_saved_run_is_gone_on_with() {
    let place = Place::new(40, 20);
    let through = |args: &[&str]| stdout(&refs(&place.train(args)));
    through(&["resnet8", "--steps", "3", "--save", "{three}"]);
    through(&["--resume", "{three}", "--steps", "6", "--save", "{six}"]);
    through(&["resnet8", "--steps", "6", "--save", "{straight}"]);
    let bytes = |name: &str| fs::read(place.path(name)).expect("saved");
    assert!(bytes("six") == bytes("straight"), "three steps and three more are six");
    assert!(bytes("three") != bytes("six"));
    assert_eq!(checkpoint(&place.path("six")).step, 6);
    contradictions_are_refused(&place);
    evaluation_repeats_what_training_said(&place);
    weights_without_a_run_are_taken_over(&place);
}

fn checkpoint(path: &Path) -> skipscope::checkpoint::Checkpoint {
    let decoded = decode(&fs::read(path).expect("saved"), None).expect("readable");
    assert_eq!(decoded.origin, Origin::Skipscope);
    decoded.checkpoint
}

fn contradictions_are_refused(place: &Place) {
    let refused = |args: &[&str]| {
        let all = [&["train"], args].concat();
        error(&refs(&place.args(&all)))
    };
    let data = place.folder.path().display().to_string();
    let resume = ["--resume", "{three}", "--data", &data];
    let with = |more: &[&str]| refused(&[&resume[..], more].concat());
    assert!(with(&[]).contains("at step 3 of 3"));
    assert!(with(&["--steps", "6", "--batch", "16"]).contains("--batch 16 contradicts the run's 8"));
    assert!(
        with(&["--steps", "6", "--shortcut", "none"])
            .contains("--shortcut none contradicts the run's zero_pad")
    );
    assert!(with(&["--steps", "6", "--width", "8"]).contains("--width 8 contradicts the run's 16"));
    assert!(
        with(&["--steps", "6", "--no-bn", "--seed", "2"])
            .contains("--seed 2 contradicts the run's 1, --no-bn")
    );
    assert!(
        with(&["--steps", "6", "--variant", "conv_forward=pixel"])
            .contains("contradicts the run's transform")
    );
    assert!(with(&["plain8", "--steps", "6"]).contains("holds resnet8, not plain8"));
    assert!(
        refused(&["--resume", "{three}", "--steps", "6", "--data", "shapes10"])
            .contains("give the same data")
    );
    assert!(refused(&["--resume", "{three}", "--steps", "6"]).contains("say where that is with --data"));
}

fn evaluation_repeats_what_training_said(place: &Place) {
    let data = place.folder.path().display().to_string();
    let args = ["eval", "--weights", "{six}", "--data", &data, "--json"];
    let json: Value = serde_json::from_str(&stdout(&refs(&place.args(&args)))).expect("JSON");
    assert_eq!(json["images"].as_u64(), Some(20));
    assert!((0.0..=1.0).contains(&json["accuracy"].as_f64().expect("a number")));
    let resumed = ["train", "--resume", "{three}", "--steps", "6", "--data", &data];
    let text = stdout(&refs(&place.args(&resumed)));
    let said = text.lines().last().expect("a line").rsplit(' ').next().expect("a loss").to_owned();
    assert_eq!(format!("{:.4}", json["loss"].as_f64().expect("a number")), said);
}

/// A file as PyTorch writes it, without optimiser and metadata.
fn weights_without_a_run_are_taken_over(place: &Place) {
    let bytes = fs::read(place.path("six")).expect("saved");
    let tensors = safetensors::SafeTensors::deserialize(&bytes).expect("valid").tensors();
    let tensors = tensors.into_iter().filter(|(name, _)| !name.starts_with("optimizer."));
    let foreign = safetensors::serialize(tensors, None).expect("valid");
    fs::write(place.path("foreign"), foreign).expect("written");
    let data = place.folder.path().display().to_string();
    let args = |more: &[&str]| place.args(&[&["eval", "--data", &data, "--weights"], more].concat());
    // Its tensors do not tell a zero-padded shortcut from none.
    assert!(error(&refs(&args(&["{foreign}"]))).contains("name the model (--model"));
    assert!(
        error(&refs(&args(&["{foreign}", "--model", "resnet14"])))
            .contains("layer1.1.conv1.weight is missing")
    );
    let own = stdout(&refs(&args(&["{six}"])));
    assert!(own.starts_with("Test accuracy: ") && own.trim_end().ends_with(", 20 images"), "{own}");
    assert_eq!(stdout(&refs(&args(&["{foreign}", "--model", "resnet8"]))), own);
    assert_ne!(stdout(&refs(&args(&["{foreign}", "--model", "plain8"]))), own);
    let tuned =
        stdout(&refs(&place.train(&["resnet8", "--resume", "{foreign}", "--steps", "2", "--lr", "0.001"])));
    assert!(tuned.starts_with("Epoch [1], Step [0], Loss: "), "{tuned}");
}

#[test]
fn experiments_are_run_and_print_one_document() {
    let place = Place::new(20, 12);
    let data = place.folder.path().display().to_string();
    let lab = |args: &[&str]| place.args(&[&["lab"], args, &["--data", &data, "--json"]].concat());
    let json = |args: &[&str]| -> Value { serde_json::from_str(&stdout(&refs(&lab(args)))).expect("JSON") };
    let race =
        json(&["race", "plain8", "resnet8", "--batch", "4", "--steps", "3", "--seeds", "2", "--alone"]);
    let outcome = &race["outcome"];
    assert_eq!((race["experiment"].as_str(), outcome["differ"].as_str()), (Some("race"), Some("shortcut")));
    assert_eq!(outcome["lanes"][1]["runs"][1]["loss"].as_array().map(Vec::len), Some(3));
    assert_eq!(outcome["alone"]["same_bits"], serde_json::json!([true, true]));
    assert!(outcome["headline"].as_str().is_some_and(|h| h.starts_with("After 3 steps: plain8 ")));

    let train = place.train(&["resnet8", "--steps", "2", "--save", "{net}"]);
    stdout(&refs(&train));
    let lesion = json(&["lesion", "--weights", "{net}", "--kind", "drop", "--kind", "swap", "--images", "9"]);
    let run = &lesion["outcome"]["runs"][0];
    // One block a stage: none has a neighbour to change places with.
    assert_eq!((run["lesions"].as_array().map(Vec::len), run["images"].as_u64()), (Some(3), Some(9)));
    assert!(run["lesions"][2]["measured"]["accuracy"].is_f64() && run["trained_steps"] == 0, "{run}");

    let cells =
        ["cause-grid", "--depths", "8", "--at", "0,1", "--inits", "he,fixup", "--bn", "off", "--batch", "4"];
    let files = ["--file", "{grid}", "--csv", "{table}"];
    let grid = json(&[&cells[..], &files].concat());
    assert_eq!(grid["outcome"]["cells"].as_array().map(Vec::len), Some(3), "plain with Fixup is left out");
    assert_eq!(fs::read_to_string(place.path("table")).expect("written").lines().count(), 1 + 3 * 2);
    let again = json(&[&cells[..], &files].concat());
    assert_eq!(again, grid);

    assert!(error(&refs(&lab(&["race", "plain8", "resnet20"]))).contains("shortcuts and depth"));
    assert!(error(&refs(&lab(&["cause-grid", "--depths", "21"]))).contains("8, 14, 20 and so on"));
    assert!(
        error(&refs(&lab(&["cause-grid", "--depths", "8", "--at", "0", "--file", "{grid}"])))
            .contains("another file")
    );
    assert!(error(&refs(&lab(&["lesion", "resnet9"]))).contains("no model"));
}

#[test]
fn analyses_are_run_and_print_one_document() {
    let place = Place::new(70, 12);
    let data = place.folder.path().display().to_string();
    let lab = |args: &[&str]| place.args(&[&["lab"], args, &["--data", &data, "--json"]].concat());
    let json = |args: &[&str]| -> Value {
        let mut document: Value = serde_json::from_str(&stdout(&refs(&lab(args)))).expect("JSON");
        document["outcome"].take()
    };
    let list = |v: &Value| v.as_array().map_or(0, Vec::len);

    let trust = json(&["trust", "resnet8", "--slope", "fc.bias:3"]);
    assert_eq!(trust["passed"], true);
    let line = trust["command_line"].as_str().unwrap_or_default();
    assert!(line.starts_with("skipscope train resnet8 --seed 1 --data "), "{line}");
    let slope = &trust["slopes"][0];
    let of = |key: &str| slope[key].as_f64().expect("a number");
    assert!(slope["kink"] == false && (of("gpu") / of("by_h") - 1.0).abs() < 1e-3, "{slope}");
    let source = stdout(&refs(&place.args(&["lab", "trust", "resnet8", "--source", "avgpool"])));
    assert!(source.contains("@compute") && source.contains("avg_pool_backward"), "{source}");

    let shatter = json(&["shatter", "--depths", "8", "--seeds", "2", "--points", "4"]);
    assert_eq!((list(&shatter), list(&shatter[0]["correlation"])), (4, 2));
    let identity = ["identity", "--blocks", "1", "--steps", "12", "--seeds", "1", "--rates", "0.1"];
    // It looks at no pictures.
    assert!(error(&refs(&lab(&identity))).contains("leave out --data"));
    let whole = place.args(&[&["lab"], &identity[..], &["--json"]].concat());
    let identity: Value = serde_json::from_str(&stdout(&refs(&whole))).expect("JSON");
    let runs = &identity["outcome"]["runs"];
    assert_eq!((list(runs), list(&runs[0]["steps"])), (5, 12));

    let walk = ["landscape", "resnet8", "--size", "3", "--images", "16", "--batch", "8"];
    let path = json(&[&walk[..], &["--train", "6", "--plane", "path"]].concat());
    assert_eq!(list(&path["surface"]["points"]), 9);
    assert!(
        list(&path["path"]) == list(&path["snapshots"]) && path["explained"][0].as_f64() > Some(0.3),
        "{path}"
    );
    let kept = [&walk[..], &["--keep", "{surface}"]].concat();
    let surface = json(&kept);
    assert!(surface["surface"]["points"].as_array().is_some_and(|p| p.iter().all(|p| p[0].is_f64())));
    let (again, first) = (json(&kept), |s: &Value| s["surface"]["points"][4][0].as_f64().expect("a loss"));
    assert!((first(&again) - first(&surface)).abs() < 1e-12, "read back from its file");

    let paths = json(&["paths", "resnet8", "--samples", "1", "--images", "2"]);
    assert!(list(&paths["lengths"]) == 4 && paths["shares"]["off"].as_f64() < Some(1e-4), "{paths}");

    assert!(error(&refs(&lab(&["trust", "resnet8", "--source", "conv9"]))).contains("no layer 'conv9'"));
    assert!(error(&refs(&lab(&["trust", "resnet8", "--slope", "fc.bias:10"]))).contains("10 scalars"));
    assert!(error(&refs(&lab(&["paths", "plain8"]))).contains("one path only"));
    assert!(error(&refs(&lab(&["landscape", "resnet8", "--plane", "path"]))).contains("--train STEPS"));
    assert!(error(&refs(&lab(&["shatter", "--depths", "9"]))).contains("6n + 2"));
    let other = [&walk[..], &["--keep", "{surface}", "--seed", "2"]].concat();
    assert!(error(&refs(&lab(&other))).contains("something else"));
}

#[test]
#[cfg(target_os = "linux")]
fn a_download_is_kept_in_the_data_folder_and_found_there() {
    use std::io::Write as _;
    use std::net::TcpListener;
    let home = tempfile::tempdir().expect("a folder");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/mirror/cifar-10-test.tar.gz", listener.local_addr().expect("bound"));
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a request");
        let request = BufReader::new(stream.try_clone().expect("the same stream")).lines();
        request.take_while(|line| line.as_ref().is_ok_and(|l| !l.is_empty())).for_each(drop);
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nbytes")
            .expect("sent");
    });
    let at_home = |args: &[&str]| program(args).env("XDG_DATA_HOME", home.path()).output().expect("started");
    let out = at_home(&["data", "download", "--url", &url]);
    server.join().expect("served");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let kept = home.path().join("skipscope/cifar-10-test.tar.gz");
    assert_eq!(fs::read(&kept).expect("kept"), b"bytes");
    assert!(String::from_utf8_lossy(&out.stdout).contains(&format!("--data {}", kept.display())));
    assert!(String::from_utf8_lossy(&out.stderr).contains("checksum is not known"));
    let out = at_home(&["train", "resnet8", "--data", "cifar10"]);
    assert!(String::from_utf8_lossy(&out.stderr).contains("run `skipscope data download` first"));
    let out = at_home(&["data", "download", "--url", "ftp://example.org/x.tar.gz"]);
    assert_eq!(out.status.code(), Some(1));
}

/// Starts a run, sends Ctrl-C once it prints `line`, and expects it to save and leave.
#[cfg(unix)]
fn interrupt(place: &Place, args: &[&str], line: &str) {
    let args = place.train(args);
    let mut child =
        program(&refs(&args)).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("started");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    assert!(lines.any(|l| l.is_ok_and(|l| l.starts_with(line))), "{args:?} ended before {line}");
    send_interrupt(child.id());
    // Read on, so that the pipe stays open.
    lines.for_each(drop);
    let status = child.wait().expect("ended");
    assert_eq!(status.code(), Some(130));
}

/// Ctrl-C, for one process. The test has no other way without unsafe code.
#[cfg(unix)]
fn send_interrupt(process: u32) {
    let status = Command::new("kill").args(["-INT", &process.to_string()]).status().expect("kill");
    assert!(status.success());
}

#[test]
fn a_profile_covers_the_whole_step() {
    // The shortest benchmark there is: a profile needs one step, too.
    let short = ["--batch", "2", "--warm", "0", "--steps", "1", "--adapter", "cpu"];
    let text = stdout(&[&["bench", "--model", "resnet8", "--profile", "--json"], &short[..]].concat());
    let profile: Value = serde_json::from_str(&text).expect("JSON");
    for what in ["gflops", "gbytes"] {
        let peak = profile["peak"][what].as_f64().expect("a finite number");
        assert!(peak > 0.0, "{what} {peak}");
    }
    let dispatches = profile["dispatches"].as_array().expect("a list");
    for d in dispatches {
        assert!(d["ms"].as_f64().is_some_and(|ms| ms >= 0.0), "{d}");
        assert!(d["bytes"].as_f64().is_some_and(|b| b > 0.0), "{d}");
    }
    let has =
        |layer: &str, phase: &str| dispatches.iter().any(|d| d["layer"] == layer && d["phase"] == phase);
    for layer in ["conv1", "layer1.0.conv1", "layer3.0.bn2", "fc"] {
        assert!(has(layer, "forward") && has(layer, "backward"), "{layer}");
    }
    assert!(has("loss", "loss") && has("sgd", "update"));
}

#[test]
fn logs_hold_every_step() {
    let place = Place::new(20, 10);
    for log in ["{run.csv}", "{run.jsonl}"] {
        stdout(&refs(&place.train(&["resnet8", "--epochs", "2", "--log", log])));
    }
    let csv = fs::read_to_string(place.path("run.csv")).expect("written");
    let rows: Vec<Vec<&str>> = csv.lines().map(|l| l.split(',').collect()).collect();
    assert_eq!(
        rows[0][..8],
        ["step", "epoch", "lr", "loss", "accuracy", "test_accuracy", "test_loss", "grad_norm/conv1.weight"]
    );
    // Two epochs of three steps, the last with four pictures, and an evaluation after each.
    assert_eq!(rows.len(), 1 + 6 + 2);
    assert!(rows.iter().all(|r| r.len() == rows[0].len()));
    assert_eq!((rows[4][0], rows[4][3], rows[4][5].is_empty()), ("3", "", false));
    let jsonl = fs::read_to_string(place.path("run.jsonl")).expect("written");
    let lines: Vec<Value> = jsonl.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    assert_eq!(lines.len(), 1 + 6 + 2);
    assert_eq!(lines[3]["images"].as_u64(), Some(4));
    let block = &lines[1]["blocks"]["layer2.0"];
    assert!(block["branch"]["std"].as_f64().is_some_and(|s| s > 0.0), "{block}");
    assert_eq!(lines[1]["loss"].to_string(), rows[1][3], "both logs say the same");
}
