//! Burn in a thread of its own, so that nobody waits for it: jobs in, answers out, one after the other. In a browser,
//! which has no threads, each job is a task of the event loop instead.

use super::batch::{self, Batch};
use super::device::Place;
use super::net::{Net, Sgd, Step};
use crate::data::Split;
use crate::engine::{Gates, NetworkState};
use crate::model::Graph;
use crate::train::Recipe;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};

/// Pictures to be gathered.
pub struct Pick {
    pub split: Arc<Split>,
    pub records: Vec<u32>,
    /// How they are resized and normalised.
    pub recipe: Recipe,
    /// Seed of crops and flips, and the first record's place in the epoch's order.
    pub augment: Option<(u32, u32)>,
}

pub enum Job {
    Upload(Box<NetworkState>),
    Step { pick: Pick, gates: Vec<Gates>, sgd: Sgd },
    Evaluate { pick: Pick, gates: Vec<Gates> },
    Read,
}

pub enum Answer {
    /// With the labels of its batch.
    Step(Box<Step>, Vec<u8>),
    /// Logits `[N, classes]`, and the labels.
    Evaluated(Vec<f32>, Vec<u8>),
    State(Box<NetworkState>),
    /// Nothing more will come.
    Failed(String),
}

/// The network at work.
struct Bench {
    net: Net,
}

impl Bench {
    async fn open(place: &Place, graph: Graph, state: &NetworkState) -> Result<Self, String> {
        let device = place.open().await?;
        Ok(Self { net: Net::new(graph, device, state) })
    }

    fn gather(&self, pick: &Pick) -> Batch {
        let side = self.net.graph().spec.input_size;
        batch::gather(&pick.split, &pick.records, side, &pick.recipe, pick.augment)
    }

    async fn work(&mut self, job: Job) -> Result<Option<Answer>, String> {
        Ok(match job {
            Job::Upload(state) => {
                self.net.upload(&state);
                None
            }
            Job::Step { pick, gates, sgd } => {
                let batch = self.gather(&pick);
                let step = self.net.step(&batch, &gates, sgd, true).await?;
                Some(Answer::Step(Box::new(step), batch.labels))
            }
            Job::Evaluate { pick, gates } => {
                let batch = self.gather(&pick);
                Some(Answer::Evaluated(self.net.evaluate(&batch, &gates).await?, batch.labels))
            }
            Job::Read => Some(Answer::State(Box::new(self.net.read().await?))),
        })
    }
}

/// Where jobs go and answers come from.
pub struct Worker {
    jobs: Sender<Job>,
    answers: Receiver<Answer>,
    #[cfg(not(target_arch = "wasm32"))]
    thread: Option<std::thread::JoinHandle<()>>,
    #[cfg(target_arch = "wasm32")]
    desk: std::rc::Rc<Desk>,
}

#[cfg(not(target_arch = "wasm32"))]
impl Worker {
    /// Opens Burn and puts `graph` on it.
    ///
    /// # Errors
    ///
    /// If the system gives no thread.
    pub fn start(place: Place, graph: Graph, state: NetworkState) -> Result<Self, String> {
        let (jobs, inbox) = channel();
        let (outbox, answers) = channel();
        let run = move || {
            let mut bench = match pollster::block_on(Bench::open(&place, graph, &state)) {
                Ok(bench) => bench,
                Err(message) => return drop(outbox.send(Answer::Failed(message))),
            };
            while let Ok(job) = inbox.recv() {
                let answer = pollster::block_on(bench.work(job));
                let failed = answer.is_err();
                let answer = answer.unwrap_or_else(|message| Some(Answer::Failed(message)));
                // Nobody listens any more once another network has been built.
                if answer.is_some_and(|a| outbox.send(a).is_err()) || failed {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().name("burn".into()).spawn(run);
        let thread = Some(thread.map_err(|e| format!("there is no thread for Burn: {e}"))?);
        Ok(Self { jobs, answers, thread })
    }

    pub fn send(&self, job: Job) {
        // A thread that is gone says so among the answers.
        let _ = self.jobs.send(job);
    }

    /// What has come back, if anything.
    pub fn take(&mut self) -> Option<Answer> {
        match self.answers.try_recv() {
            Ok(answer) => Some(answer),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => {
                // Burn answers what it cannot do with a panic.
                let panic = self.thread.take()?.join().err()?;
                let text = panic.downcast_ref::<String>().map(String::as_str);
                let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic");
                Some(Answer::Failed(format!("Burn has failed: {text}")))
            }
        }
    }
}

/// What tasks of the event loop share.
#[cfg(target_arch = "wasm32")]
struct Desk {
    inbox: Receiver<Job>,
    outbox: Sender<Answer>,
    bench: std::cell::RefCell<Option<Bench>>,
    busy: std::cell::Cell<bool>,
}

#[cfg(target_arch = "wasm32")]
impl Worker {
    /// Opens Burn and puts `graph` on it, some time soon.
    ///
    /// # Errors
    ///
    /// None here; what goes wrong is among the answers.
    pub fn start(place: Place, graph: Graph, state: NetworkState) -> Result<Self, String> {
        let (jobs, inbox) = channel();
        let (outbox, answers) = channel();
        let desk = std::rc::Rc::new(Desk { inbox, outbox, bench: Default::default(), busy: true.into() });
        let at = desk.clone();
        wasm_bindgen_futures::spawn_local(async move {
            match Bench::open(&place, graph, &state).await {
                Ok(bench) => *at.bench.borrow_mut() = Some(bench),
                Err(message) => drop(at.outbox.send(Answer::Failed(message))),
            }
            at.busy.set(false);
        });
        Ok(Self { jobs, answers, desk })
    }

    pub fn send(&self, job: Job) {
        let _ = self.jobs.send(job);
        self.go_on();
    }

    /// What has come back, if anything.
    pub fn take(&mut self) -> Option<Answer> {
        self.go_on();
        match self.answers.try_recv() {
            Ok(answer) => Some(answer),
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => None,
        }
    }

    fn go_on(&self) {
        if self.desk.busy.get() {
            return;
        }
        // Neither is taken without the other.
        let mut kept = self.desk.bench.borrow_mut();
        let Some(job) = kept.as_ref().and_then(|_| self.desk.inbox.try_recv().ok()) else { return };
        let Some(mut bench) = kept.take() else { return };
        drop(kept);
        let at = self.desk.clone();
        at.busy.set(true);
        wasm_bindgen_futures::spawn_local(async move {
            let answer = bench.work(job).await;
            *at.bench.borrow_mut() = Some(bench);
            at.busy.set(false);
            if let Some(answer) = answer.unwrap_or_else(|message| Some(Answer::Failed(message))) {
                let _ = at.outbox.send(answer);
            }
        });
    }
}
