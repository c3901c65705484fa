//! The page's door: starts the window on a canvas and answers `window.skipscope` (see `web/api.js`).
//!
//! Everything goes through the same session as the window's own buttons. Calls that take time keep the
//! session going themselves, so that they are answered in a hidden tab too, where nothing is drawn.

use crate::app::i18n::{self, Language};
use crate::app::{
    Delivery, Inbox, Intake, Kept, Options, PictureFrom, Purpose, Shelf, Shell, Store, Stored, Vault,
};
use crate::bench::{Bench, BenchOptions, Profiling};
use crate::engine::weights;
use crate::gpu::Gpu;
use crate::model::{self, Graph};
use crate::page;
use crate::session::{Command, Event, Phase, Session, SessionOptions};
use crate::train::Init;
use eframe::WebRunner;
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::Arc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_time::{Duration, Instant};

/// Losses of so many last steps are in `snapshot()`.
const KEPT_LOSSES: usize = 1024;

#[wasm_bindgen]
extern "C" {
    /// Covers the page with what happened and a button that reloads (`web/boot.js`).
    #[wasm_bindgen(js_name = skipscope_fatal)]
    fn fatal(kind: &str, message: &str);

    /// Lets the reader pick a picture, take one, or has the browser decode one (`web/pictures.js`). They come
    /// back through [`picture`].
    #[wasm_bindgen(js_name = skipscope_pick)]
    fn pick_picture();
    #[wasm_bindgen(js_name = skipscope_camera)]
    fn open_camera();
    #[wasm_bindgen(js_name = skipscope_decode)]
    fn decode_picture(name: &str, bytes: &[u8]);

    /// The browser's database of kept checkpoints (`web/storage.js`).
    #[wasm_bindgen(catch, js_name = skipscope_keep)]
    async fn store_checkpoint(header: &str, bytes: Vec<u8>, curves: Vec<u8>) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = skipscope_curves)]
    async fn stored_curves(slot: u32) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = skipscope_kept)]
    async fn stored_checkpoints() -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = skipscope_take)]
    async fn stored_checkpoint(slot: u32) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = skipscope_discard)]
    async fn discard_checkpoint(slot: u32) -> Result<JsValue, JsValue>;
    /// The browser's database of earlier runs (`web/storage.js`).
    #[wasm_bindgen(catch, js_name = skipscope_shelf_put)]
    async fn shelf_put(id: f64, bytes: Vec<u8>) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = skipscope_shelf_remove)]
    async fn shelf_remove(id: f64) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = skipscope_shelf_all)]
    async fn shelf_all() -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_name = skipscope_reached)]
    fn reached(step: f64);
    /// Whether the last page was lost and its button asked to go on.
    #[wasm_bindgen(js_name = skipscope_resume)]
    fn takes_up_again() -> bool;

    /// Resolves after `ms` milliseconds, in a hidden tab too (`web/ticker.js`).
    #[wasm_bindgen(js_name = skipscope_sleep)]
    fn worker_sleep(ms: u32) -> js_sys::Promise;

    /// What the browser tells about its adapter (`GPUAdapterInfo`).
    pub type BrowserAdapter;
    #[wasm_bindgen(method, getter)]
    fn vendor(this: &BrowserAdapter) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn architecture(this: &BrowserAdapter) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn device(this: &BrowserAdapter) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn description(this: &BrowserAdapter) -> Option<String>;
}

/// What has happened in the session, for calls that wait for something.
#[derive(Default)]
struct Heard {
    /// Number of the next event; events kept with their numbers.
    next: u64,
    events: VecDeque<(u64, Event)>,
    losses: VecDeque<f32>,
    /// Step of the first loss kept.
    first_loss: u64,
}

impl Heard {
    fn hear(&mut self, event: &Event) {
        match event {
            Event::Step(record) => {
                if record.step != self.first_loss + self.losses.len() as u64 {
                    self.losses.clear();
                    self.first_loss = record.step;
                }
                self.losses.push_back(record.loss);
                if self.losses.len() > KEPT_LOSSES {
                    self.losses.pop_front();
                    self.first_loss += 1;
                }
                return;
            }
            // Too many of these, and too large: nobody waits for them here.
            Event::Compiling { .. } | Event::Kept { .. } => return,
            other => self.events.push_back((self.next, other.clone())),
        }
        self.next += 1;
        if self.events.len() > 64 {
            self.events.pop_front();
        }
    }

    fn since(&self, number: u64) -> impl Iterator<Item = &Event> {
        self.events.iter().filter(move |(n, _)| *n >= number).map(|(_, e)| e)
    }
}

thread_local! {
    static RUNNER: RefCell<Option<WebRunner>> = const { RefCell::new(None) };
    static CONTEXT: RefCell<Option<eframe::egui::Context>> = const { RefCell::new(None) };
    static HEARD: RefCell<Heard> = RefCell::default();
    /// Whether the next saved checkpoint is for a call of `save()` and not for the reader.
    static SAVING: Cell<bool> = const { Cell::new(false) };
}

fn failure(message: impl AsRef<str>) -> JsValue {
    js_sys::Error::new(message.as_ref()).into()
}

/// Does something with the window, if it is there and not in use.
fn with_shell<T>(f: impl FnOnce(&mut Shell) -> T) -> Option<T> {
    RUNNER.with_borrow(|runner| runner.as_ref()?.app_mut::<Shell>().map(|mut shell| f(&mut shell)))
}

fn context() -> Option<eframe::egui::Context> {
    CONTEXT.with_borrow(Clone::clone)
}

/// Lets the browser do other things for `ms` milliseconds.
async fn sleep(ms: u32) -> Result<(), JsValue> {
    JsFuture::from(worker_sleep(ms)).await?;
    Ok(())
}

/// Keeps the session going until `done` answers something.
async fn keep_going<T>(mut done: impl FnMut(&mut Shell) -> Option<T>) -> Result<T, JsValue> {
    loop {
        let answer = with_shell(|shell| {
            if let Some(ctx) = context() {
                shell.tick(&ctx);
            }
            done(shell)
        });
        if let Some(Some(answer)) = answer {
            return Ok(answer);
        }
        sleep(2).await?;
    }
}

fn next_event() -> u64 {
    HEARD.with_borrow(|h| h.next)
}

/// The first error since event `number`, as a failure.
fn first_error(number: u64) -> Result<(), JsValue> {
    HEARD
        .with_borrow(|heard| {
            heard.since(number).find_map(|e| match e {
                Event::Error(message) => Some(Err(failure(message))),
                Event::DeviceLost(why) => Some(Err(failure(format!("the GPU device is lost: {why}")))),
                _ => None,
            })
        })
        .unwrap_or(Ok(()))
}

fn adapter_name(adapter: &BrowserAdapter) -> String {
    let parts = [adapter.vendor(), adapter.architecture(), adapter.device(), adapter.description()];
    let mut words: Vec<String> = Vec::new();
    for part in parts.into_iter().flatten().filter(|p| !p.is_empty()) {
        if !words.iter().any(|w| w.contains(&part)) {
            words.push(part);
        }
    }
    if words.is_empty() { "unnamed adapter".into() } else { words.join(" ") }
}

/// Starts the window on the canvas with this id. `fonts` are whole TTF files; `quads` says whether devices come with
/// subgroups (`web/gpu.js`).
#[wasm_bindgen]
pub async fn start(
    canvas: String,
    fonts: Vec<js_sys::Uint8Array>,
    adapter: Option<BrowserAdapter>,
    quads: bool,
) -> Result<(), JsValue> {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        hook(info);
        fatal("panic", &info.to_string());
    }));
    let element = web_sys::window()
        .and_then(|w| w.document())
        .and_then(|d| d.get_element_by_id(&canvas))
        .and_then(|e| e.dyn_into::<web_sys::HtmlCanvasElement>().ok())
        .ok_or_else(|| failure(format!("the page has no canvas called '{canvas}'")))?;
    let name = adapter.as_ref().map(adapter_name);
    let language =
        web_sys::window().and_then(|w| w.navigator().language()).and_then(|t| Language::of_tag(&t));
    let fonts: Vec<Vec<u8>> = fonts.iter().map(js_sys::Uint8Array::to_vec).collect();
    let runner = WebRunner::new();
    let creator = move |cc: &eframe::CreationContext<'_>| -> Result<Box<dyn eframe::App>, Box<dyn std::error::Error + Send + Sync>> {
        let render = cc.wgpu_render_state.as_ref().ok_or("the window has no WebGPU device")?;
        let mut gpu = Gpu::adopt(&render.adapter, render.device.clone(), render.queue.clone(), name);
        // wgpu knows nothing of them in browsers.
        gpu.facts.quads = quads;
        let session = Session::new(gpu, SessionOptions::default());
        let options = Options {
            run: true,
            language,
            store: page::storage().map(|s| Box::new(s) as Box<dyn Store>),
            link: Some(page::hash()),
            address: page::address(),
            on_link: Some(Box::new(page::set_hash)),
            reduced_motion: page::reduced_motion(),
            fonts: Some(fonts),
            fetch: Some(Box::new(|name, inbox| {
                let name = name.to_owned();
                wasm_bindgen_futures::spawn_local(async move { fetch_into(&name, &inbox).await });
            })),
            fetch_lesson: Some(Box::new(|path, inbox| {
                let path = path.to_owned();
                wasm_bindgen_futures::spawn_local(async move {
                    inbox.deliver(match fetch_bytes(&path).await {
                        Ok(bytes) => Delivery::File { purpose: Purpose::Lesson, name: path, bytes },
                        Err(why) => Delivery::Failed(format!("{path}: {}", said(&why))),
                    });
                });
            })),
            fetch_font: Some(Box::new(|file, inbox| {
                wasm_bindgen_futures::spawn_local(async move {
                    let bytes = fetch_bytes(file.path()).await.map_err(|why| format!("{}: {why:?}", file.path()));
                    inbox.deliver(Delivery::Font { file, bytes });
                });
            })),
            on_lost: Some(Box::new(|_, why| fatal("device-lost", why))),
            vault: Some(Box::new(BrowserVault)),
            shelf: Some(Box::new(BrowserShelf)),
            resume: takes_up_again(),
            on_picture: Some(Box::new(|from| match from {
                PictureFrom::File => pick_picture(),
                PictureFrom::Camera => open_camera(),
                PictureFrom::Bytes { name, bytes } => decode_picture(&name, &bytes),
            })),
            on_event: Some(Box::new(|event| {
                HEARD.with_borrow_mut(|heard| heard.hear(event));
                if let Event::Step(record) = event {
                    reached(record.step as f64 + 1.0);
                }
                // A checkpoint asked for by a script goes to the script alone.
                matches!(event, Event::Saved { .. }) && SAVING.take()
            })),
            ..Options::default()
        };
        CONTEXT.set(Some(cc.egui_ctx.clone()));
        Ok(Box::new(Shell::new(&cc.egui_ctx, session, options)))
    };
    runner.start(element, web_options(), Box::new(creator)).await?;
    RUNNER.set(Some(runner));
    page::on_hash(|hash| {
        with_shell(|shell| {
            let snapshot = shell.session_mut().snapshot();
            shell.state_mut().follow_link(hash, &snapshot);
        });
        if let Some(ctx) = context() {
            ctx.request_repaint();
        }
    });
    wasm_bindgen_futures::spawn_local(look_for_offers());
    wasm_bindgen_futures::spawn_local(train_between_drawings());
    Ok(())
}

/// Keeps the session going whether or not anything is drawn: a software adapter draws seldom, and a hidden
/// tab not at all.
async fn train_between_drawings() {
    let mut hidden: Option<Hidden> = None;
    let mut before = Instant::now();
    let mut said = None;
    loop {
        let busy = with_shell(|shell| {
            if let Some(ctx) = context() {
                shell.tick(&ctx);
            }
            (shell.session_mut().is_busy(), shell.session_mut().measured_steps())
        });
        let gap = before.elapsed();
        before = Instant::now();
        if let Some(document) = web_sys::window().and_then(|w| w.document()) {
            let language = i18n::language();
            if said.replace(language) != Some(language) {
                say_language(&document, language);
            }
            let step = busy.map_or(0, |b| b.1);
            hidden = match (hidden, document.hidden()) {
                (None, true) => Some(Hidden { since: before, step, longest: Duration::ZERO }),
                (Some(h), true) => Some(Hidden { longest: h.longest.max(gap), ..h }),
                (Some(h), false) => {
                    h.report(step);
                    None
                }
                (None, false) => None,
            };
        }
        let wait = if busy.is_some_and(|b| !b.0) { 30 } else { 4 };
        if sleep(wait).await.is_err() {
            return;
        }
    }
}

/// The page's language is the app's, for screen readers.
fn say_language(document: &web_sys::Document, language: Language) {
    if let Some(root) = document.document_element()
        && root.set_attribute("lang", language.code()).is_err()
    {
        log::warn!("the page's language cannot be set");
    }
}

/// A time in which nobody saw the tab.
struct Hidden {
    since: Instant,
    step: u64,
    /// The longest that the session had to wait for its turn.
    longest: Duration,
}

/// A session that waits longer than this for its turn is being slowed down.
const THROTTLED: Duration = Duration::from_millis(500);

impl Hidden {
    fn report(self, step: u64) {
        let seconds = self.since.elapsed().as_secs_f64();
        if self.longest > THROTTLED && step > self.step {
            let rate = (step - self.step) as f64 / seconds;
            deliver(Delivery::Remark(i18n::throttled(format!("{rate:.1}"))));
        }
    }
}

/// Kept checkpoints in the browser's database.
struct BrowserVault;

/// What went wrong in a script, in words.
fn said(why: &JsValue) -> String {
    why.dyn_ref::<js_sys::Error>().map_or_else(|| format!("{why:?}"), |e| e.message().into())
}

impl Vault for BrowserVault {
    fn keep(&mut self, kept: Kept, bytes: Vec<u8>, curves: Vec<u8>, inbox: Inbox) {
        wasm_bindgen_futures::spawn_local(async move {
            let header = match serde_json::to_string(&kept) {
                Ok(header) => header,
                Err(e) => return inbox.deliver(Delivery::Kept(Err(e.to_string()))),
            };
            let result = store_checkpoint(&header, bytes, curves).await.map(|_| kept).map_err(|e| said(&e));
            inbox.deliver(Delivery::Kept(result));
        });
    }

    fn find(&mut self, inbox: Inbox) {
        wasm_bindgen_futures::spawn_local(async move {
            let text = stored_checkpoints().await.ok().and_then(|v| v.as_string()).unwrap_or_default();
            inbox.deliver(Delivery::Found(serde_json::from_str(&text).unwrap_or_default()));
        });
    }

    fn get(&mut self, kept: &Kept, inbox: Inbox) {
        let kept = kept.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let name = format!("{}-step{}.safetensors", kept.name, kept.step);
            let curves = stored_curves(kept.slot).await.map_err(|e| said(&e));
            inbox.deliver(Delivery::Curves(curves.map(|v| {
                let bytes = v.dyn_into::<js_sys::Uint8Array>().ok()?;
                Some(bytes.to_vec())
            })));
            inbox.deliver(match stored_checkpoint(kept.slot).await {
                Ok(bytes) => {
                    let bytes = js_sys::Uint8Array::new(&bytes).to_vec();
                    Delivery::File { purpose: Purpose::Checkpoint, name, bytes }
                }
                Err(why) => Delivery::Failed(format!("{name}: {}", said(&why))),
            });
        });
    }

    fn discard(&mut self, kept: &Kept) {
        let slot = kept.slot;
        wasm_bindgen_futures::spawn_local(async move {
            if let Err(why) = discard_checkpoint(slot).await {
                log::warn!("a kept checkpoint cannot be thrown away: {}", said(&why));
            }
        });
    }
}

/// Earlier runs in the browser's database; it does what it is asked for in that order.
struct BrowserShelf;

/// One entry of what `skipscope_shelf_all` answers.
fn stored(entry: &js_sys::Array) -> Option<Stored> {
    let id = entry.get(0).as_f64()? as u64;
    let contents = entry.get(1);
    let bytes = match contents.dyn_ref::<js_sys::Uint8Array>() {
        Some(bytes) => Ok(bytes.to_vec()),
        None => Err(contents.as_string()?),
    };
    Some(Stored { id, bytes })
}

impl Shelf for BrowserShelf {
    fn put(&mut self, id: u64, bytes: Vec<u8>, inbox: Inbox) {
        wasm_bindgen_futures::spawn_local(async move {
            if let Err(why) = shelf_put(id as f64, bytes).await {
                inbox.deliver(Delivery::NotShelved(said(&why)));
            }
        });
    }

    fn remove(&mut self, id: u64) {
        wasm_bindgen_futures::spawn_local(async move {
            if let Err(why) = shelf_remove(id as f64).await {
                log::warn!("a kept run cannot be thrown away: {}", said(&why));
            }
        });
    }

    fn all(&mut self, inbox: Inbox) {
        wasm_bindgen_futures::spawn_local(async move {
            let found = shelf_all().await.map_err(|why| said(&why));
            inbox.deliver(Delivery::Shelf(found.map(|all| {
                js_sys::Array::from(&all).iter().filter_map(|e| stored(&js_sys::Array::from(&e))).collect()
            })));
        });
    }
}

fn web_options() -> eframe::WebOptions {
    // `web/drawing.js` takes dithering out of egui's shader; there is hardly a gradient to smooth.
    let mut options = eframe::WebOptions { dithering: false, ..eframe::WebOptions::default() };
    if let eframe::egui_wgpu::WgpuSetup::CreateNew(setup) = &mut options.wgpu_options.wgpu_setup {
        setup.instance_descriptor.backends = wgpu::Backends::BROWSER_WEBGPU;
        setup.power_preference = wgpu::PowerPreference::HighPerformance;
        setup.device_descriptor = Arc::new(|_| Gpu::device_descriptor());
    }
    options
}

async fn fetch(url: &str) -> Result<web_sys::Response, JsValue> {
    // Names stay the same from build to build: the server is asked whether a file is still that one.
    let init = web_sys::RequestInit::new();
    init.set_cache(web_sys::RequestCache::NoCache);
    let window = web_sys::window().ok_or_else(|| failure("there is no window"))?;
    let response: web_sys::Response =
        JsFuture::from(window.fetch_with_str_and_init(url, &init)).await?.dyn_into()?;
    if response.ok() { Ok(response) } else { Err(failure(format!("{url}: {}", response.status()))) }
}

async fn fetch_bytes(url: &str) -> Result<Vec<u8>, JsValue> {
    let buffer = JsFuture::from(fetch(url).await?.array_buffer()?).await?;
    Ok(js_sys::Uint8Array::new(&buffer).to_vec())
}

async fn fetch_into(name: &str, inbox: &Inbox) {
    let url = format!("data/{}", String::from(js_sys::encode_uri_component(name)));
    inbox.deliver(match fetch_bytes(&url).await {
        Ok(bytes) => Delivery::File { purpose: Purpose::of(name), name: name.to_owned(), bytes },
        Err(why) => Delivery::Failed(format!("{name}: {why:?}")),
    });
}

/// Archives that the server offers beside the page; most offer none.
async fn look_for_offers() {
    let list = async {
        let text = JsFuture::from(fetch("data/index.json").await?.text()?).await?;
        let list: Value = serde_json::from_str(&text.as_string().unwrap_or_default())
            .map_err(|e| failure(e.to_string()))?;
        Ok::<_, JsValue>(list)
    };
    let Ok(list) = list.await else { return };
    for name in list.as_array().into_iter().flatten().filter_map(|e| e["name"].as_str()) {
        with_shell(|shell| shell.state_mut().offer(name.to_owned()));
    }
}

/// Resolves when the session takes commands.
#[wasm_bindgen]
pub async fn ready() -> Result<(), JsValue> {
    keep_going(|shell| {
        let phase = shell.session_mut().phase();
        (!matches!(phase, Phase::Empty | Phase::Compiling)).then_some(())
    })
    .await
}

/// Whether the window may be drawn now, where somebody has `acted` since the last drawing or not.
#[wasm_bindgen]
pub fn may_draw(acted: bool) -> bool {
    with_shell(|shell| shell.may_draw(acted)).unwrap_or(true)
}

/// About the page: `{version, adapter, backend, class, gpu_bytes}`.
#[wasm_bindgen]
pub async fn info() -> Result<String, JsValue> {
    keep_going(|shell| {
        let facts = shell.session_mut().gpu().facts.clone();
        Some(json!({
            "version": env!("CARGO_PKG_VERSION"),
            "adapter": facts.name,
            "backend": facts.backend,
            "class": format!("{:?}", facts.class),
            "models": model::names(),
        }))
    })
    .await
    .map(|v| v.to_string())
}

/// Carries out one command (JSON of `Command`); resolves to `{}` when it is carried out, for a build when
/// the network stands, for an evaluation to its result, and rejects with what was wrong.
#[wasm_bindgen]
pub async fn command(json: String) -> Result<String, JsValue> {
    let command: Command = serde_json::from_str(&json).map_err(|e| failure(format!("not a command: {e}")))?;
    let evaluates = command == Command::Evaluate;
    let mark = next_event();
    let to_the_end = matches!(command, Command::Step | Command::Pause);
    do_and_wait(command).await?;
    if to_the_end {
        keep_going(|shell| (!shell.session_mut().is_busy()).then_some(())).await?;
    }
    if !evaluates {
        return Ok("{}".into());
    }
    let result = keep_going(|shell| {
        let found = HEARD.with_borrow(|h| {
            h.since(mark).find_map(|e| match e {
                Event::Evaluated(v) | Event::EvaluatedThen(v) => Some(*v),
                _ => None,
            })
        });
        match found {
            Some(v) => Some(Ok(v)),
            // A network built meanwhile, or other pictures, end an evaluation without a result.
            None if !shell.session_mut().is_busy() => Some(Err(failure("the evaluation was given up"))),
            None => None,
        }
    })
    .await??;
    serde_json::to_string(&result).map_err(|e| failure(e.to_string()))
}

async fn do_and_wait(command: Command) -> Result<(), JsValue> {
    let mark = next_event();
    let mut sent = Some(command);
    keep_going(|shell| {
        if let Some(command) = sent.take() {
            shell.session_mut().send(command);
            return None;
        }
        shell.session_mut().is_settled().then_some(())
    })
    .await?;
    first_error(mark)
}

/// The session's state, JSON of `Snapshot` with `frame` (milliseconds: `ui_p50`, `ui_p95`, `gpu_p50`, `gpu_p95` with `gpu_by`, `frame_p50`, `frame_p95`), `running`, `loss`, `train_accuracy`, `test_accuracy`,
/// `grad_norm` by name, `chosen` (the chosen block: `index`, `of`, `name`, `share`, `gradient_norm`),
/// `curve` (the first and the last step that the charts have), `runs` (earlier ones: `name`, `lane`, which is their
/// colour, `drawn`, `pinned`, `steps`), `lesson` (the one that is played: `name`, `title`, `gate`, `stages`, `revealed`), `view`, `race` (the one under way or the last: `under_way`, `done`, `total`, `headline`, and `lanes` with `name`, `losses`, `last_loss`, `test_accuracy`, `alphas`, `surgeries`), `experiment` (the one under way or the last: `experiment`, `under_way`, `step`, `done`, `total`, `what`, `failed`, and once it is over what it has `found`), and the losses of the last steps, from step `first_loss` on.
#[wasm_bindgen]
pub async fn snapshot() -> Result<String, JsValue> {
    // All of one moment.
    let (s, of_window) = keep_going(|shell| {
        let s = shell.session_mut().snapshot();
        let state = shell.state_mut();
        let (offered, latest) = state.kept();
        let chosen = state.chosen_block(&s);
        let loss = &state.history.loss;
        let of_window = json!({
            "frame": state.frame_times(),
            "chosen": chosen,
            "curve": loss.buckets().first().map(|b| [Some(b.first_step), loss.last_step()]),
            "runs": state.earlier_runs(),
            "lesson": state.lesson_state(),
            "view": state.view,
            "race": state.race_state(&s),
            "experiment": state.experiment_state(&s),
            "kept": { "offered": offered, "latest": latest },
        });
        Some((s, of_window))
    })
    .await?;
    let mut value = serde_json::to_value(&s).map_err(|e| failure(e.to_string()))?;
    let last = s.last.as_ref();
    let names = s.model.iter().flat_map(|m| &m.param_names);
    let norms = last.iter().flat_map(|l| &l.grad_norm);
    let grad_norm: serde_json::Map<String, Value> =
        names.zip(norms).map(|(n, v)| (n.clone(), json!(v))).collect();
    value["model_info"] = value["model"].take();
    value["data_info"] = value["data"].take();
    value["model"] = json!(s.model.as_ref().map(|m| &m.name));
    value["data"] = json!(s.data.as_ref().map(|d| &d.name));
    value["running"] = json!(matches!(s.phase, Phase::Running | Phase::Evaluating));
    value["loss"] = json!(last.map(|l| l.loss));
    value["train_accuracy"] = json!(last.map(|l| l.accuracy));
    value["test_accuracy"] = json!(s.evaluation.map(|e| e.accuracy));
    value["grad_norm"] = Value::Object(grad_norm);
    value["seen"] = json!(s.seen.as_ref().map(|seen| json!({
        "number": seen.number,
        "step": seen.step,
        "picture": seen.picture,
        "label": seen.label,
        "probabilities": seen.probabilities,
        "block": seen.close.as_ref().map(|c| c.block),
        "worked": seen.close.as_ref().and_then(|c| c.worked.as_ref()).map(|w| json!({
            "value": w.value,
            "sum": w.conv.as_ref().map(|c| c.sum),
            "deviation": w.deviation,
        })),
        "stages": seen.close.iter().flat_map(|c| &c.stages).map(|s| &s.layer).collect::<Vec<_>>(),
    })));
    value["slice"] = json!(s.slice.as_ref().map(|slice| json!({
        "step": slice.step, "phase": slice.phase, "layer": slice.layer, "at": slice.at,
    })));
    if let (Some(value), Value::Object(of_window)) = (value.as_object_mut(), of_window) {
        value.extend(of_window);
    }
    HEARD.with_borrow(|h| {
        value["first_loss"] = json!(h.first_loss);
        value["losses"] = json!(h.losses);
    });
    Ok(value.to_string())
}

/// Times training steps: `{model, batch, warm, steps, variants}` → one line of results; with `profile`, each dispatch. Training is paused
/// meanwhile and goes on afterwards.
#[wasm_bindgen]
pub async fn bench(json: String) -> Result<String, JsValue> {
    let options: BenchOptions =
        serde_json::from_str(&json).map_err(|e| failure(format!("not a benchmark: {e}")))?;
    let was_running = keep_going(|shell| Some(shell.session_mut().phase() == Phase::Running)).await?;
    if was_running {
        do_and_wait(Command::Pause).await?;
        keep_going(|shell| (!shell.session_mut().is_busy()).then_some(())).await?;
    }
    let mut bench: Option<Bench> = None;
    let mut profiling: Option<Profiling> = None;
    let result = loop {
        let options = options.clone();
        let answer = with_shell(|shell| {
            let session = shell.session_mut();
            let variants = session.variants().clone();
            let gpu = session.gpu();
            if options.profile {
                if profiling.is_none() {
                    profiling = Some(Profiling::new(gpu, options, variants)?);
                }
                let found = profiling.as_mut().map_or(Ok(None), |p| p.pump(gpu))?;
                return Ok::<_, String>(found.map(|profile| serde_json::to_string(&profile)));
            }
            if bench.is_none() {
                bench = Some(Bench::new(gpu, options, variants)?);
            }
            let found = bench.as_mut().map_or(Ok(None), |b| b.pump(gpu))?;
            Ok(found.map(|result| serde_json::to_string(&result)))
        });
        match answer {
            Some(Ok(Some(result))) => break result,
            Some(Err(message)) => return Err(failure(message)),
            // Who asks more often takes the cores that a software adapter computes on.
            Some(Ok(None)) | None => sleep(2).await?,
        }
    };
    if was_running {
        do_and_wait(Command::Run).await?;
    }
    result.map_err(|e| failure(e.to_string()))
}

/// Takes over a CIFAR-10 archive or a checkpoint, told apart by its name; resolves when it is loaded. A
/// picture, a run's file, a grid, a lesson or answers are handed to the window.
#[wasm_bindgen]
pub async fn open(name: String, bytes: Vec<u8>) -> Result<String, JsValue> {
    let purpose = Purpose::of(&name);
    match purpose {
        Purpose::Archive | Purpose::Checkpoint => {
            if let Intake::Command(command) = purpose.command(name, bytes) {
                do_and_wait(*command).await?;
            }
        }
        // As if it were dropped on the window.
        Purpose::Picture | Purpose::Run | Purpose::Grid | Purpose::Lesson | Purpose::Answers => {
            deliver(Delivery::File { purpose, name, bytes });
        }
    }
    Ok("{}".into())
}

/// The network and the optimiser's state as a safetensors file.
#[wasm_bindgen]
pub async fn save() -> Result<Vec<u8>, JsValue> {
    let mark = next_event();
    SAVING.set(true);
    let saved = do_and_wait(Command::Save).await;
    SAVING.set(false);
    saved?;
    HEARD
        .with_borrow(|h| {
            h.since(mark)
                .find_map(|e| if let Event::Saved { bytes, .. } = e { Some(bytes.clone()) } else { None })
        })
        .ok_or_else(|| failure("the checkpoint did not arrive"))
}

/// Shows the network a picture of the user's own: `side`×`side` pixels, RGBA.
#[wasm_bindgen]
pub fn picture(name: String, side: u32, rgba: Vec<u8>) {
    deliver(Delivery::Picture { name, side, rgba });
}

/// Goes on from the checkpoint that an earlier visit has left, as the button does; rejects if none is offered.
#[wasm_bindgen]
pub async fn resume() -> Result<(), JsValue> {
    let mark = next_event();
    let asked = keep_going(|shell| Some(shell.resume())).await?;
    if !asked {
        return Err(failure("no earlier run is kept here"));
    }
    keep_going(|_| {
        let loaded = HEARD.with_borrow(|h| h.since(mark).any(|e| matches!(e, Event::Loaded { .. })));
        loaded.then_some(())
    })
    .await?;
    first_error(mark)
}

/// Plays the lesson on: marks this option where one is asked for, then does what the lesson's button says.
#[wasm_bindgen]
pub async fn lesson(option: Option<usize>) -> Result<(), JsValue> {
    keep_going(|shell| {
        let snapshot = shell.session_mut().snapshot();
        shell.state_mut().lesson_press(option, &snapshot);
        Some(())
    })
    .await?;
    if let Some(ctx) = context() {
        ctx.request_repaint();
    }
    Ok(())
}

/// Tells the user what went wrong outside the app.
#[wasm_bindgen]
pub fn failed(message: String) {
    deliver(Delivery::Failed(message));
}

fn deliver(delivery: Delivery) {
    if let Some(inbox) = with_shell(|shell| shell.inbox()) {
        inbox.deliver(delivery);
    }
}

/// Checksum of the initial weights of a model, `init` being `torch`, `he` or `fixup`, in hexadecimal.
#[wasm_bindgen]
pub fn weights_fingerprint(model: &str, init: &str, seed: f64) -> Result<String, JsValue> {
    let spec = model::by_name(model).ok_or_else(|| failure(format!("there is no model called '{model}'")))?;
    let init = match init {
        "torch" => Init::Torch,
        "he" => Init::He,
        "fixup" => Init::Fixup,
        other => return Err(failure(format!("there is no initialisation called '{other}'"))),
    };
    let graph = Graph::new(&spec).map_err(|e| failure(e.to_string()))?;
    Ok(format!("{:016x}", weights::fingerprint(&weights::init(&graph, init, seed as u64))))
}
