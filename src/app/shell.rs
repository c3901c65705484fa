//! [`Shell`]: the window around an [`AppState`]. It owns the session, keeps it going, carries events in
//! and commands out, and decides when to draw again.

use super::crash::{self, Crash};
use super::files::{self, Delivery, Inbox, Intake, Purpose};
use super::frame::{FrameMeter, GpuTime};
use super::gpu_clock::GpuClock;
use super::i18n::Language;
use super::keeping::Keeper;
use super::late_fonts::{FontFile, LateFonts};
use super::link::SHAPES10;
use super::memory::Memory;
use super::options::{Download, Fetch, FetchFont, OnCrash, OnEvent, OnLost, OnPicture, Options, PictureFrom};
use super::screenshot::Screenshot;
use super::settings::Settings;
use super::shelf::Librarian;
use super::state::{AppState, UiCommand};
use super::theme;
use super::toasts::Severity;
use super::view::Canvas;
use super::{fonts, i18n, panels, screenshot};
use crate::gpu::AdapterClass;
use crate::session::{Activity, Command, EngineKind, Event, Phase, Session};
use eframe::egui::{self, ColorImage, Context, TextureId, ThemePreference, ViewportCommand};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};
use web_time::{Duration, Instant};
use wgpu::FilterMode;

/// Between two drawings on an adapter that is a CPU: there, each drawing takes cores from training.
#[cfg(not(target_arch = "wasm32"))]
const SHARED: Duration = Duration::from_millis(80);
/// The same in the page, where a timer of its own keeps the session going between drawings.
#[cfg(target_arch = "wasm32")]
const SHARED: Duration = Duration::from_millis(200);
/// On such an adapter at least so many times as long as a drawing takes passes before the next one.
const DRAWING_SHARE: u32 = 2;
/// The longest pause between two drawings, whatever they cost.
const LONGEST: Duration =
    if cfg!(target_arch = "wasm32") { Duration::from_secs(1) } else { Duration::from_millis(200) };
/// Training that may be queued when a drawing is submitted: two slices.
const QUEUED: Duration = Duration::from_millis(40);
/// The longest that training makes way for the drawing that answers somebody's hand.
const WAY: Duration = Duration::from_millis(250);
/// Between two drawings while the session is busy without training.
const BUSY: Duration = Duration::from_millis(33);

/// Training makes way for a drawing.
struct Way {
    /// Since when.
    since: Instant,
    /// That drawing is submitted.
    submitted: bool,
}

/// The running window.
pub struct Shell {
    session: Session,
    state: AppState,
    inbox: Inbox,
    deliveries: Receiver<Delivery>,
    fetch: Option<Fetch>,
    fetch_lesson: Option<Fetch>,
    late_fonts: Option<(Arc<LateFonts>, FetchFont)>,
    /// What to speak once its font is there.
    next_language: Option<Language>,
    /// The session's atlases as the renderer knows them, and which ones they are.
    atlases: Vec<Option<(TextureId, u64)>>,
    download: Option<Download>,
    on_lost: Option<OnLost>,
    on_crash: Option<OnCrash>,
    /// A panic has left things half done: nothing is touched any more.
    fallen: bool,
    on_picture: Option<OnPicture>,
    on_event: Option<OnEvent>,
    memory: Memory,
    keeper: Option<Keeper>,
    librarian: Option<Librarian>,
    screenshot: Screenshot,
    meter: FrameMeter,
    /// A drawing was submitted since [`Self::measure_drawing`] last looked.
    painted: Cell<bool>,
    /// When the last drawing was submitted, and whether the adapter is done with it.
    drawing: Option<(Instant, Arc<AtomicBool>)>,
    /// How long a drawing takes an adapter that is a CPU.
    drawing_cost: Arc<Mutex<Duration>>,
    /// While training makes way for the drawing that answers somebody's hand.
    way: Option<Way>,
    /// What the GPU took for a drawing where it cannot be timed, and the clock where it can.
    latency: Arc<Mutex<Option<f32>>>,
    clock: Option<GpuClock>,
    clock_sought: bool,
}

/// What timed kernels are remembered under: another driver or another version is timed anew.
fn kernels_of(session: &Session) -> String {
    format!("{}, {}", session.gpu().facts.id(), env!("CARGO_PKG_VERSION"))
}

impl Shell {
    /// A window on `session`. Call it from eframe's creator with `&cc.egui_ctx`.
    pub fn new(ctx: &Context, mut session: Session, options: Options) -> Self {
        theme::install(ctx);
        let (settings, remark) = options.store.as_deref().map(Settings::load).unwrap_or_default();
        i18n::set_language(Language::default());
        let language = settings.language().or(options.language).unwrap_or_default();
        match options.fonts {
            Some(faces) => fonts::install(ctx, faces),
            #[cfg(not(target_arch = "wasm32"))]
            None => fonts::install_bundled(ctx),
            #[cfg(target_arch = "wasm32")]
            None => log::warn!("no fonts were given; the page cannot draw text"),
        }
        let remembered =
            settings.dark.map(|dark| if dark { ThemePreference::Dark } else { ThemePreference::Light });
        ctx.set_theme(options.theme.or(remembered).unwrap_or(ThemePreference::Dark));
        let (inbox, deliveries) = Inbox::new(ctx.clone());
        let mut state = AppState::default();
        state.lessons.cpu = session.gpu().facts.class != AdapterClass::Gpu;
        state.restore(&settings, remark);
        if let Some(picks) = settings.kernels.get(&kernels_of(&session)) {
            session.remember(picks);
        }
        // Where a drawing takes cores from training, a movement would be some pictures a second.
        state.reduced_motion |= options.reduced_motion || session.gpu().facts.class != AdapterClass::Gpu;
        state.set_address(options.address);
        if options.download.is_some() {
            state.allow_download();
        }
        if EngineKind::Burn.is_built_in() {
            state.offer_engines();
        }
        for name in options.offers {
            state.offer(name);
        }
        let mut shell = Self {
            session,
            state,
            inbox,
            deliveries,
            fetch: options.fetch,
            fetch_lesson: options.fetch_lesson,
            late_fonts: options.fetch_font.map(|fetch| (LateFonts::install(ctx), fetch)),
            next_language: None,
            download: options.download,
            on_lost: options.on_lost,
            on_crash: options.on_crash,
            fallen: false,
            on_picture: options.on_picture,
            on_event: options.on_event,
            atlases: Vec::new(),
            keeper: None,
            librarian: None,
            memory: Memory::new(options.store, settings, options.on_link),
            screenshot: Screenshot::default(),
            meter: FrameMeter::default(),
            painted: Cell::new(false),
            drawing: None,
            drawing_cost: Arc::default(),
            way: None,
            latency: Arc::default(),
            clock: None,
            clock_sought: false,
        };
        shell.speak(language);
        shell.keeper = options.vault.map(|vault| Keeper::new(vault, shell.inbox.clone(), options.resume));
        shell.librarian = options.shelf.map(|shelf| Librarian::new(shelf, shell.inbox.clone()));
        if let Some(link) = options.link.filter(|l| !l.is_empty()) {
            shell.state.open_link(&link, Some(SHAPES10));
        }
        shell.state.crash = options.crash;
        if options.run {
            shell.state.start();
            ctx.request_repaint();
        }
        shell
    }

    /// The session, for script interfaces that send commands of their own; let `ctx` repaint afterwards.
    pub fn session_mut(&mut self) -> &mut Session {
        &mut self.session
    }

    /// What the window shows, e.g. to offer pictures that were found later.
    pub fn state_mut(&mut self) -> &mut AppState {
        &mut self.state
    }

    /// Goes on from the checkpoint that is offered; false if there is none.
    pub fn resume(&mut self) -> bool {
        let offer = self.state.keeping.offer.take();
        let (Some(kept), Some(keeper)) = (offer, &mut self.keeper) else { return false };
        keeper.resume(&mut self.state, &mut self.session, kept);
        true
    }

    /// A way to deliver files to this window.
    pub fn inbox(&self) -> Inbox {
        self.inbox.clone()
    }

    /// Lets the session work for a while and takes in what it reports. eframe calls it before every
    /// drawing, on the desktop also while the window is hidden; a page's own timer may call it too.
    pub fn tick(&mut self, ctx: &Context) {
        self.measure_drawing();
        while let Ok(delivery) = self.deliveries.try_recv() {
            self.receive(ctx, delivery);
        }
        let activity = self.work();
        if let Some(keeper) = &mut self.keeper {
            keeper.tick(&mut self.session);
        }
        for event in self.session.events() {
            if self.on_event.as_mut().is_some_and(|observe| observe(&event)) {
                continue;
            }
            self.state.on_event(&event);
            if let Event::Built(_) = event {
                let picks = self.session.variants().picks();
                if !picks.is_empty() {
                    self.state.kernels.insert(kernels_of(&self.session), picks);
                }
            }
            match event {
                Event::Saved { step, bytes } => {
                    let name = self.state.checkpoint_name(step);
                    files::save(self.inbox.clone(), &name, bytes);
                }
                Event::Kept { .. } | Event::Built(_) | Event::DataLoaded(_) => {
                    if let Some(keeper) = &mut self.keeper {
                        keeper.on_event(&mut self.state, &mut self.session, event);
                    }
                }
                Event::DeviceLost(why) => self.lost(ctx, &why),
                _ => {}
            }
        }
        let commands = self.state.take_commands();
        self.carry_out(ctx, commands);
        if let Some(librarian) = &mut self.librarian {
            librarian.tick(&mut self.state, self.session.phase());
        }
        if activity == Activity::Busy {
            self.draw_again(ctx);
        }
    }

    /// A page must return to the browser to let the GPU go on.
    #[cfg(target_arch = "wasm32")]
    fn work(&mut self) -> Activity {
        self.session.pump()
    }

    /// A window may wait, and does where its own drawing would take the cores that train.
    #[cfg(not(target_arch = "wasm32"))]
    fn work(&mut self) -> Activity {
        let mut activity = self.session.pump();
        if self.session.gpu().facts.class != AdapterClass::Gpu {
            let begin = Instant::now();
            while activity == Activity::Busy && begin.elapsed() < self.shared() && !self.owes_answer() {
                std::thread::sleep(Duration::from_millis(1));
                self.measure_drawing();
                activity = self.session.pump();
            }
        }
        activity
    }

    fn receive(&mut self, ctx: &Context, delivery: Delivery) {
        let progress = match delivery {
            Delivery::Kept(_) | Delivery::Found(_) | Delivery::Curves(_) => {
                if let Some(keeper) = &mut self.keeper {
                    keeper.on_delivery(&mut self.state, &mut self.session, delivery);
                }
                return;
            }
            Delivery::Shelf(_) | Delivery::NotShelved(_) => {
                if let Some(librarian) = &mut self.librarian {
                    librarian.on_delivery(&mut self.state, delivery);
                }
                return;
            }
            Delivery::Font { file, bytes } => return self.take_font(ctx, file, bytes),
            Delivery::Screen(image) => return self.save_screen(&image),
            Delivery::Progress(progress) => Some(progress),
            Delivery::File { purpose, name, bytes } => {
                match purpose.command(name, bytes) {
                    Intake::Command(command) => self.session.send(*command),
                    Intake::Picture { name, bytes } => self.picture(PictureFrom::Bytes { name, bytes }),
                    Intake::Run { name, bytes } => self.state.open_run(&name, &bytes),
                    Intake::Lesson { name, bytes } => self.state.lesson_arrived(&name, bytes),
                    Intake::Grid { name, bytes } => self.state.open_grid(&name, &bytes),
                    Intake::Answers { bytes } => self.state.answers_arrived(&bytes),
                }
                None
            }
            Delivery::Picture { name, side, rgba } => {
                self.session.send(Command::Picture { name, side, rgba });
                self.state.own_picture_arrived();
                None
            }
            Delivery::Saved { name } => {
                self.state.tell(Severity::Remark, i18n::saved(&name));
                None
            }
            Delivery::Remark(text) => {
                self.state.tell(Severity::Remark, text);
                None
            }
            Delivery::Failed(why) => {
                // Curves whose checkpoint did not come belong to no other.
                self.state.earlier = None;
                self.state.tell(Severity::Error, why);
                None
            }
            Delivery::Cancelled => None,
        };
        self.state.set_progress(progress);
    }

    fn carry_out(&mut self, ctx: &Context, commands: Vec<UiCommand>) {
        if !commands.is_empty() {
            // The session carries them out when it is pumped next.
            ctx.request_repaint();
        }
        for command in commands {
            self.carry_out_one(ctx, command);
        }
    }

    fn carry_out_one(&mut self, ctx: &Context, command: UiCommand) {
        match command {
            UiCommand::Session(command) => self.session.send(command),
            UiCommand::OpenArchive => files::open(self.inbox.clone(), Purpose::Archive),
            UiCommand::OpenCheckpoint => files::open(self.inbox.clone(), Purpose::Checkpoint),
            UiCommand::OpenLesson => files::open(self.inbox.clone(), Purpose::Lesson),
            UiCommand::OpenAnswers => files::open(self.inbox.clone(), Purpose::Answers),
            UiCommand::FetchLesson(path) => {
                if let Some(fetch) = &mut self.fetch_lesson {
                    fetch(&path, self.inbox.clone());
                }
            }
            UiCommand::OpenGrid => files::open(self.inbox.clone(), Purpose::Grid),
            UiCommand::OpenRun => files::open(self.inbox.clone(), Purpose::Run),
            UiCommand::SaveFile { name, bytes } => files::save(self.inbox.clone(), &name, bytes),
            UiCommand::Screenshot => self.screenshot.ask(ctx),
            UiCommand::OpenPicture => self.picture(PictureFrom::File),
            UiCommand::Camera => self.picture(PictureFrom::Camera),
            UiCommand::Fetch(name) => {
                if let Some(fetch) = &mut self.fetch {
                    fetch(&name, self.inbox.clone());
                }
            }
            UiCommand::Download => {
                if let Some(download) = &mut self.download {
                    download(self.inbox.clone());
                }
            }
            UiCommand::Theme(theme) => ctx.set_theme(theme),
            UiCommand::Language(language) => self.speak(language),
            UiCommand::Resume(kept) => {
                if let Some(keeper) = &mut self.keeper {
                    keeper.resume(&mut self.state, &mut self.session, kept);
                }
            }
            UiCommand::Discard(kept) => {
                if let Some(keeper) = &mut self.keeper {
                    keeper.discard(&kept);
                }
            }
            UiCommand::StartAgain => self.lost(ctx, ""),
        }
    }

    fn save_screen(&mut self, image: &ColorImage) {
        match screenshot::encode(image) {
            Ok(bytes) => {
                let name = format!("skipscope-step{}.png", self.session.snapshot().step);
                files::save(self.inbox.clone(), &name, bytes);
            }
            Err(why) => self.state.tell(Severity::Error, i18n::save_failed(why)),
        }
    }

    /// The page's script decodes pictures, the desktop does it itself and has no camera.
    fn picture(&mut self, from: PictureFrom) {
        if let Some(hook) = &mut self.on_picture {
            return hook(from);
        }
        match from {
            PictureFrom::File => files::open(self.inbox.clone(), Purpose::Picture),
            PictureFrom::Camera => self.state.tell(Severity::Warning, i18n::scope_no_camera()),
            PictureFrom::Bytes { name, bytes } => self.decode(name, &bytes),
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn decode(&mut self, name: String, bytes: &[u8]) {
        let side = self.session.snapshot().model.map_or(32, |m| m.spec.input_size as u32);
        match super::decode::square(bytes, side) {
            Ok(rgba) => {
                self.session.send(Command::Picture { name, side, rgba });
                self.state.own_picture_arrived();
            }
            Err(why) => self.state.tell(Severity::Error, i18n::read_failed(&name, &why)),
        }
    }

    #[cfg(target_arch = "wasm32")]
    fn decode(&mut self, name: String, _: &[u8]) {
        self.state.tell(Severity::Error, i18n::read_failed(&name, i18n::scope_no_decoder()));
    }

    /// Speaks `language` as soon as its characters can be drawn.
    fn speak(&mut self, language: Language) {
        self.next_language = None;
        match &self.late_fonts {
            Some((fonts, _)) if language == Language::Chinese && !fonts.has(FontFile::ChineseUi) => {
                fonts.want(FontFile::ChineseUi);
                self.next_language = Some(language);
                self.fetch_fonts();
            }
            _ => i18n::set_language(language),
        }
    }

    /// Fetches what the last drawing lacked.
    fn fetch_fonts(&mut self) {
        if let Some((fonts, fetch)) = &mut self.late_fonts {
            for file in fonts.take_wanted() {
                fetch(file, self.inbox.clone());
            }
        }
    }

    fn take_font(&mut self, ctx: &Context, file: FontFile, bytes: Result<Vec<u8>, String>) {
        let Some((fonts, _)) = &self.late_fonts else { return };
        let taken = bytes.and_then(|bytes| fonts.deliver(ctx, file, bytes));
        if file == FontFile::ChineseUi
            && let Some(language) = self.next_language.take()
            && taken.is_ok()
        {
            i18n::set_language(language);
        }
        if let Err(why) = taken {
            self.state.tell(Severity::Warning, why);
        }
    }

    /// Does `work`, unless the window has fallen. A panic ends it: what runs and what is shown may be half
    /// changed, and are thrown away with the window.
    fn guarded(&mut self, ctx: &Context, work: impl FnOnce(&mut Self)) {
        if self.fallen {
            return;
        }
        if let Err((what, carried)) = crash::caught(|| work(self)) {
            self.fallen = true;
            let Some(hook) = &mut self.on_crash else { std::panic::resume_unwind(carried) };
            let kept = self.state.keeping.latest.clone();
            hook(ctx, Crash { what, step: self.session.measured_steps(), kept });
        }
    }

    fn lost(&mut self, ctx: &Context, why: &str) {
        match &mut self.on_lost {
            Some(hook) => hook(ctx, why),
            None => ctx.send_viewport_cmd(ViewportCommand::Close),
        }
    }

    /// How long an adapter that is a CPU trains between two drawings.
    fn shared(&self) -> Duration {
        let cost = *self.drawing_cost.lock().unwrap_or_else(PoisonError::into_inner);
        (cost * DRAWING_SHARE).clamp(SHARED, LONGEST)
    }

    /// Measures, after a drawing was submitted, how long the adapter takes for it.
    fn measure_drawing(&mut self) {
        self.time_drawing();
        if self.painted.take() {
            let (begun, done) = (Instant::now(), Arc::new(AtomicBool::new(false)));
            self.drawing = Some((begun, done.clone()));
            let (cost, latency) = (self.drawing_cost.clone(), self.latency.clone());
            self.session.gpu().queue.on_submitted_work_done(move || {
                let taken = begun.elapsed();
                *latency.lock().unwrap_or_else(PoisonError::into_inner) = Some(taken.as_secs_f32());
                *cost.lock().unwrap_or_else(PoisonError::into_inner) = taken.saturating_sub(QUEUED);
                done.store(true, Ordering::Release);
            });
            if let Some(way) = &mut self.way {
                way.submitted = true;
            }
        }
        let done = !self.is_drawing();
        if self.way.as_ref().is_some_and(|w| w.since.elapsed() > WAY || (w.submitted && done)) {
            self.way = None;
            self.session.make_way(false);
        }
    }

    /// Whether the adapter still works on the last drawing, as far as is known; a lost one never answers.
    fn is_drawing(&self) -> bool {
        self.drawing
            .as_ref()
            .is_some_and(|(begun, done)| !done.load(Ordering::Acquire) && begun.elapsed() < LONGEST)
    }

    /// Whether somebody has pressed something and no drawing since then was submitted.
    fn owes_answer(&self) -> bool {
        self.way.as_ref().is_some_and(|w| !w.submitted)
    }

    /// Whether the window may be drawn now; `acted` says that somebody has just pressed something. An adapter
    /// that is a CPU draws one picture at a time: at once as an answer, otherwise so seldom that training keeps
    /// the cores.
    pub fn may_draw(&mut self, acted: bool) -> bool {
        if self.session.gpu().facts.class == AdapterClass::Gpu {
            return true;
        }
        self.measure_drawing();
        if acted {
            self.make_way();
        }
        let rests = self.session.is_busy()
            && self.drawing.as_ref().is_some_and(|(begun, _)| begun.elapsed() < self.shared() / 2);
        !self.is_drawing() && (self.owes_answer() || !rests)
    }

    /// An adapter that is a CPU would train on before it draws what a click or a key has changed.
    fn make_way(&mut self) {
        if self.session.gpu().facts.class != AdapterClass::Gpu {
            // A drawing that was submitted before answers nothing.
            self.measure_drawing();
            self.way = Some(Way { since: Instant::now(), submitted: false });
            self.session.make_way(true);
        }
    }

    /// Takes what the GPU took for an earlier drawing.
    fn time_drawing(&mut self) {
        if let Some(clock) = &self.clock {
            if let Some(seconds) = clock.take() {
                self.meter.gpu(seconds, GpuTime::Timestamps);
            }
            return;
        }
        if let Some(seconds) = self.latency.lock().unwrap_or_else(PoisonError::into_inner).take() {
            self.meter.gpu(seconds, GpuTime::Latency);
        }
    }

    /// Training is drawn as fast as the screen goes, unless drawing takes the cores that train; other work
    /// at 30 Hz. While the session is idle nothing is drawn unless somebody moves.
    fn draw_again(&self, ctx: &Context) {
        let trains = matches!(self.session.phase(), Phase::Running | Phase::Compiling | Phase::Evaluating)
            || self.session.is_racing()
            || self.session.is_experimenting();
        let shares = self.session.gpu().facts.class != AdapterClass::Gpu;
        let pause = if trains || shares { self.pause_between_drawings() } else { BUSY };
        ctx.request_repaint_after(pause);
    }

    #[cfg(target_arch = "wasm32")]
    fn pause_between_drawings(&self) -> Duration {
        if self.session.gpu().facts.class == AdapterClass::Gpu { Duration::ZERO } else { self.shared() }
    }

    /// A window that shares the cores has waited already, in `work`.
    #[cfg(not(target_arch = "wasm32"))]
    fn pause_between_drawings(&self) -> Duration {
        Duration::ZERO
    }

    /// Makes the session's atlases of feature maps known to the window's renderer.
    fn adopt_atlases(&mut self, frame: &eframe::Frame) {
        let Some(render) = frame.wgpu_render_state() else { return };
        for (place, atlas) in self.session.atlases().into_iter().enumerate() {
            if place == self.atlases.len() {
                self.atlases.push(None);
            }
            let Some((view, number)) =
                atlas.filter(|(_, n)| self.atlases[place].is_none_or(|(_, m)| m != *n))
            else {
                continue;
            };
            let mut renderer = render.renderer.write();
            let (device, filter) = (&render.device, FilterMode::Nearest);
            let texture = match self.atlases[place] {
                Some((id, _)) => {
                    renderer.update_egui_texture_from_wgpu_texture(device, view, filter, id);
                    id
                }
                None => renderer.register_native_texture(device, view, filter),
            };
            self.atlases[place] = Some((texture, number));
            let size = view.texture().size();
            self.state.set_canvas(place, Canvas { texture, size: [size.width, size.height] });
        }
    }

    fn take_dropped(&self, ctx: &Context) {
        for file in ctx.input(|i| i.raw.dropped_files.clone()) {
            files::read_dropped(self.inbox.clone(), file);
        }
    }

    /// One drawing of the whole window.
    fn draw(&mut self, ui: &mut egui::Ui, frame: &eframe::Frame) {
        let ctx = ui.ctx().clone();
        self.adopt_atlases(frame);
        self.screenshot.frame(&ctx, &self.inbox);
        self.take_dropped(&ctx);
        let snapshot = self.session.snapshot();
        if !std::mem::replace(&mut self.clock_sought, true) {
            // A rasteriser on the CPU draws a pass when it ends, after both timestamps.
            let is_gpu = self.session.gpu().facts.class == AdapterClass::Gpu;
            self.clock = frame.wgpu_render_state().filter(|_| is_gpu).and_then(GpuClock::new);
        }
        if let Some(clock) = &self.clock {
            clock.mark(ui);
        }
        let pressed = ctx.input(|i| {
            let key = |event: &egui::Event| matches!(event, egui::Event::Key { pressed: true, .. });
            i.pointer.any_click() || i.events.iter().any(key)
        });
        let begin = Instant::now();
        let commands = self.state.draw(ui, &snapshot);
        let now = ctx.input(|i| i.time);
        if pressed {
            // What it has changed shows in this drawing, also where that was laid out already.
            ctx.request_discard("somebody has pressed something");
        } else {
            self.meter.drawn(now, begin.elapsed().as_secs_f32());
        }
        self.state.set_frame(self.meter.times());
        self.carry_out(&ctx, commands);
        self.fetch_fonts();
        // The last change before the window comes to rest is kept, too.
        if let Some(wait) = self.memory.look(&self.state, &snapshot, ui.visuals().dark_mode, now) {
            ctx.request_repaint_after_secs(wait as f32);
        }
        if let Some(wait) = self.librarian.as_ref().and_then(|l| l.wait(&self.state, self.session.phase())) {
            ctx.request_repaint_after(wait);
        }
        if ctx.input(|i| !i.raw.hovered_files.is_empty()) {
            panels::drop_hint(ui);
        }
    }
}

impl eframe::App for Shell {
    fn raw_input_hook(&mut self, _: &Context, input: &mut egui::RawInput) {
        let acted = input.events.iter().any(|event| {
            matches!(
                event,
                egui::Event::PointerButton { .. }
                    | egui::Event::Key { pressed: true, .. }
                    | egui::Event::Text(_)
                    | egui::Event::MouseWheel { .. }
            )
        });
        if acted {
            self.make_way();
        }
    }

    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        self.guarded(ctx, |shell| shell.tick(ctx));
    }

    fn ui(&mut self, ui: &mut egui::Ui, frame: &mut eframe::Frame) {
        let ctx = ui.ctx().clone();
        self.guarded(&ctx, |shell| shell.draw(ui, frame));
    }

    fn on_exit(&mut self) {
        if !self.fallen {
            self.memory.last(&self.state, &self.session.snapshot());
            if let Some(librarian) = &mut self.librarian {
                librarian.keep(&mut self.state, self.session.phase());
            }
        }
    }

    /// Called right before a drawing is submitted.
    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        self.painted.set(true);
        visuals.panel_fill.to_normalized_gamma_f32()
    }

    #[cfg(target_arch = "wasm32")]
    fn as_any_mut(&mut self) -> Option<&mut dyn std::any::Any> {
        Some(&mut *self)
    }
}
