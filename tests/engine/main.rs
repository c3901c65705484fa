//! The engine against PyTorch and against the f64 reference, on a CPU adapter under WebGPU's default limits.

mod experiments;
mod golden;
mod harness;
mod kernels;
mod lab;
mod looks;
mod past;
mod training;
