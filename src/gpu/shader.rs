//! Kernels: plain WGSL (see `build.rs`), compiled once a device, with the bind group layout read off
//! the declarations so that it is written down in one place only.

use super::context::Gpu;
use std::collections::HashMap;
use std::sync::Arc;

include!(concat!(env!("OUT_DIR"), "/shaders.rs"));

/// How a kernel uses one of its bindings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Uniform,
    Read,
    ReadWrite,
}

/// A compiled kernel.
pub struct Kernel {
    pub name: String,
    pub pipeline: wgpu::ComputePipeline,
    pub layout: wgpu::BindGroupLayout,
    /// Binding numbers and their use, in order; number 0 is the dispatch's own uniform.
    pub bindings: Vec<(u32, Access)>,
}

/// Plain WGSL of the kernel called `name`, e.g. `conv_forward/k3s1/tile1x8x2`.
pub fn source(name: &str) -> Option<&'static str> {
    SHADERS.binary_search_by_key(&name, |(n, _)| n).ok().map(|i| SHADERS[i].1)
}

/// Whether neighbouring invocations exchange values in this kernel.
fn in_quads(text: &str) -> bool {
    text.contains("quadSwap") || text.contains("quadBroadcast")
}

/// Bindings declared in a shader of ours: lines `@group(0) @binding(N) var<…> …`.
fn declared_bindings(source: &str) -> Vec<(u32, Access)> {
    let mut list: Vec<(u32, Access)> = source
        .lines()
        .filter_map(|line| {
            let rest = line.trim_start().strip_prefix("@group(0) @binding(")?;
            let (number, rest) = rest.split_once(')')?;
            let access = match rest.trim_start().strip_prefix("var<")?.split_once('>')?.0 {
                "uniform" => Access::Uniform,
                "storage, read" => Access::Read,
                _ => Access::ReadWrite,
            };
            Some((number.parse().ok()?, access))
        })
        .collect();
    list.sort_by_key(|(n, _)| *n);
    list
}

/// The kernels of a device, compiled when first wanted.
#[derive(Default)]
pub struct Kernels {
    compiled: HashMap<String, Arc<Kernel>>,
}

impl Kernels {
    /// The kernel called `name`, compiled if it is not yet. `None` if there is no such kernel.
    pub fn get(&mut self, gpu: &Gpu, name: &str) -> Option<Arc<Kernel>> {
        if let Some(kernel) = self.compiled.get(name) {
            return Some(kernel.clone());
        }
        let kernel = Arc::new(compile(gpu, name, source(name)?));
        self.compiled.insert(name.to_owned(), kernel.clone());
        Some(kernel)
    }

    /// Compiles `text` as the kernel called `name`.
    #[cfg(test)]
    pub fn replace(&mut self, gpu: &Gpu, name: &str, text: &str) {
        self.compiled.insert(name.to_owned(), Arc::new(compile(gpu, name, text)));
    }

    /// Forgets a kernel that turned out not to work, so that it is compiled, and refused, again.
    pub fn forget(&mut self, name: &str) {
        self.compiled.remove(name);
    }

    /// How many are compiled.
    pub fn count(&self) -> usize {
        self.compiled.len()
    }

    /// Whether `name` is compiled.
    pub fn has(&self, name: &str) -> bool {
        self.compiled.contains_key(name)
    }
}

fn compile(gpu: &Gpu, name: &str, text: &str) -> Kernel {
    let device = &gpu.device;
    let bindings = declared_bindings(text);
    let entries: Vec<wgpu::BindGroupLayoutEntry> = bindings
        .iter()
        .map(|&(binding, access)| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer {
                ty: match access {
                    Access::Uniform => wgpu::BufferBindingType::Uniform,
                    Access::Read => wgpu::BufferBindingType::Storage { read_only: true },
                    Access::ReadWrite => wgpu::BufferBindingType::Storage { read_only: false },
                },
                has_dynamic_offset: binding == 0,
                min_binding_size: None,
            },
            count: None,
        })
        .collect();
    let layout = device
        .create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some(name), entries: &entries });
    let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some(name),
        bind_group_layouts: &[Some(&layout)],
        immediate_size: 0,
    });
    // Browsers demand these, naga knows neither. A quad leaves, and goes through loops, as a whole, which no compiler can see.
    let directives = if cfg!(target_arch = "wasm32") && in_quads(text) {
        "enable subgroups;\ndiagnostic(off, subgroup_uniformity);\n"
    } else {
        ""
    };
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(name),
        source: wgpu::ShaderSource::Wgsl(format!("{directives}{text}").into()),
    });
    let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some(name),
        layout: Some(&pipeline_layout),
        module: &module,
        entry_point: Some("main"),
        compilation_options: wgpu::PipelineCompilationOptions {
            // Every workgroup array is written before it is read.
            zero_initialize_workgroup_memory: false,
            ..Default::default()
        },
        cache: None,
    });
    Kernel { name: name.to_owned(), pipeline, layout, bindings }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kernel_is_valid_wgsl_under_default_limits() {
        assert!(SHADERS.len() > 30);
        for (name, text) in SHADERS {
            let module = wgpu::naga::front::wgsl::parse_str(text)
                .unwrap_or_else(|e| panic!("{name}: {}", e.emit_to_string(text)));
            let capabilities = if in_quads(text) {
                wgpu::naga::valid::Capabilities::SUBGROUP
            } else {
                wgpu::naga::valid::Capabilities::empty()
            };
            let mut validator =
                wgpu::naga::valid::Validator::new(wgpu::naga::valid::ValidationFlags::all(), capabilities);
            validator.subgroup_stages(wgpu::naga::valid::ShaderStages::COMPUTE);
            validator.subgroup_operations(wgpu::naga::valid::SubgroupOperationSet::all());
            validator.validate(&module).unwrap_or_else(|e| panic!("{name}: {}", e.emit_to_string(text)));
            let bindings = declared_bindings(text);
            assert_eq!(
                bindings.len(),
                module.global_variables.iter().filter(|(_, v)| v.binding.is_some()).count(),
                "{name}"
            );
            assert_eq!(bindings[0], (0, Access::Uniform), "{name}");
            let storage = bindings.iter().filter(|(_, a)| *a != Access::Uniform).count();
            assert!(storage <= 8, "{name} binds {storage} storage buffers");
            assert!(!text.contains("{{") && !text.contains("{%"), "{name} is not rendered");
        }
    }

    #[test]
    fn names_are_sorted_for_the_search() {
        assert!(SHADERS.is_sorted_by_key(|(n, _)| n));
        assert!(source("conv_forward/k3s1/tile1x8x2").is_some());
        assert!(source("conv_forward/k9s9").is_none());
    }
}
