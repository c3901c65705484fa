//! Writes the shaders out: every `shaders/*.wgsl` is a minijinja template, whose includes are resolved
//! and whose `{% for %}` loops are unrolled here, once for each variant listed below, into plain WGSL.
//! Unrolling at build time is what makes register tiles registers: neither SwiftShader nor every
//! driver turns a loop over a private array into them.

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, UndefinedBehavior, context};
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Rows that an invocation of `affine` works on; `ops/affine.rs` divides by it.
const AFFINE_ROWS: u32 = 4;

/// Templates that come in several variants: name of the variant and its constants.
fn variants(template: &str) -> Vec<(String, minijinja::Value)> {
    // Kernel size and stride; a register tile's pixels, rows × columns, and the most vec4s of channels.
    let conv_named = |prefix: &str, kernels: &[(u32, u32)], tiles: &[(u32, u32, u32)]| {
        let mut list = Vec::new();
        for &(k, s) in kernels {
            for &(rows, px, most) in tiles {
                for deep in [1, 2, 4].into_iter().filter(|d| *d <= most) {
                    let name = format!("/k{k}s{s}/{prefix}{rows}x{px}x{deep}");
                    let scalar = prefix == "scalar";
                    list.push((
                        name,
                        context! { K => k, S => s, ROWS => rows, PX => px, DEEP => deep, SCALAR => scalar },
                    ));
                }
            }
        }
        list
    };
    let conv = |kernels: &[(u32, u32)], tiles: &[(u32, u32, u32)]| conv_named("tile", kernels, tiles);
    // Tiles of 4×4 and of 2×2 pixels, there and back.
    let winograd = |ways: &[(&str, bool)]| {
        let mut list = Vec::new();
        for m in [4, 2] {
            for &(name, back) in ways {
                // Where half the values compile in half the time and take no longer, two channels at a time.
                let wide = if back { 2 } else { 4 };
                list.push((format!("/{m}{name}"), context! { M => m, BACK => back, WIDE => wide }));
            }
        }
        list
    };
    match template {
        "conv_forward" => {
            let mut list = conv(&[(1, 1), (3, 1)], &[(2, 4, 2), (1, 8, 2), (1, 16, 4)]);
            list.extend(conv_named("scalar", &[(1, 1), (3, 1)], &[(2, 4, 2), (1, 8, 2), (1, 16, 4)]));
            list.extend(conv(&[(1, 2), (3, 2)], &[(2, 4, 2), (1, 8, 2)]));
            list
        }
        "conv_forward_quad" => vec![(String::new(), context! { SCALAR => true })],
        "conv_input_grad" => conv(&[(1, 1), (3, 1)], &[(2, 4, 2), (1, 8, 2), (1, 16, 4)]),
        "conv_input_grad_stride2" => conv(&[(1, 2), (3, 2)], &[(1, 8, 1)]),
        "conv_weight_grad_row" => {
            let mut list = Vec::new();
            for stride in [1, 2] {
                for co in [1, 2] {
                    list.push((format!("/k3s{stride}/co{co}"), context! { S => stride, CO => co }));
                }
            }
            list
        }
        // Register tiles of 8×8 and 4×4, in vec4s where they lie along channels.
        "conv_forward_tiled" | "conv_input_grad_tiled" | "conv_weight_grad_tiled" => {
            let tile =
                |side: u32| (format!("/{side}"), context! { PX => side, IN => side / 4, DEEP => side / 4 });
            vec![tile(8), tile(4)]
        }
        "winograd_input" => winograd(&[("_data", false), ("_grad", true)]),
        "winograd_weight" | "winograd_output" | "winograd_weight_grad" => winograd(&[("", false)]),
        "matmul" => {
            let mut list = Vec::new();
            for (rows, deep) in [(8, 1), (8, 2), (8, 4), (16, 1), (16, 2), (16, 4)] {
                list.push((format!("/{rows}x{deep}"), context! { T => rows, DEEP => deep }));
            }
            list
        }
        "matmul_grad" => {
            let tiles = [(1, 1), (1, 2), (1, 4), (2, 1), (2, 2), (2, 4), (4, 1), (4, 2), (4, 4)];
            tiles.map(|(i, deep)| (format!("/{i}x{deep}"), context! { IN => i, DEEP => deep })).into()
        }
        "affine" | "block_stats" => vec![
            (String::new(), context! { RESIDUAL => false, ROWS => AFFINE_ROWS }),
            ("/residual".into(), context! { RESIDUAL => true, ROWS => AFFINE_ROWS }),
        ],
        "affine_backward_apply" | "affine_backward_reduce" => {
            let mut list = Vec::new();
            for norm in [true, false] {
                for residual in [true, false] {
                    let name = format!(
                        "/{}{}",
                        if norm { "norm" } else { "bias" },
                        if residual { "_residual" } else { "" }
                    );
                    // Where ReLU lets through is seen by z, unless y and the coefficients tell.
                    let mask = residual || !norm;
                    list.push((
                        name,
                        context! { NORM => norm, RESIDUAL => residual, MASK => mask, ROWS => AFFINE_ROWS },
                    ));
                }
            }
            list
        }
        "affine_backward_finalize" => {
            vec![("/norm".into(), context! { NORM => true }), ("/bias".into(), context! { NORM => false })]
        }
        "peak_fma" => vec![("/3x16".into(), context! { CHAINS => 3, UNROLLED => 16 })],
        _ => vec![(String::new(), context! {})],
    }
}

fn main() -> Result<()> {
    println!("cargo::rerun-if-changed=shaders");
    println!("cargo::rerun-if-changed=build.rs");
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("shaders");
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    let mut kernels = Vec::new();
    for (folder, prefix) in [(root.clone(), ""), (root.join("common"), "common/")] {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.extension().is_none_or(|e| e != "wgsl") {
                continue;
            }
            let stem = path.file_stem().and_then(|s| s.to_str()).ok_or("shader name is not UTF-8")?;
            if prefix.is_empty() {
                kernels.push(stem.to_owned());
            }
            env.add_template_owned(format!("{prefix}{stem}.wgsl"), fs::read_to_string(&path)?)?;
        }
    }
    kernels.sort();
    let mut out = String::from(
        "/// Name and plain WGSL of every kernel, sorted by name.\npub const SHADERS: &[(&str, &str)] = &[\n",
    );
    let mut all = Vec::new();
    for kernel in &kernels {
        let template = env.get_template(&format!("{kernel}.wgsl"))?;
        for (suffix, constants) in variants(kernel) {
            let text = template.render(&constants).map_err(|e| format!("shaders/{kernel}.wgsl: {e:#}"))?;
            all.push((format!("{kernel}{suffix}"), text));
        }
    }
    all.sort();
    for (name, text) in all {
        writeln!(out, "    ({name:?}, {text:?}),")?;
    }
    out.push_str("];\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("shaders.rs"), out)?;
    Ok(())
}
