//! What a network is, as plain data: the specification a user can ask for, the table of named
//! networks, and the graph of layers with shapes, parameter names and counts. No GPU in this room.

mod graph;
mod spec;
mod zoo;

pub use graph::{
    Affine, AffineKind, Block, Conv, Graph, LayerRow, Node, Op, Param, ParamId, ParamKind, Tensor, TensorId,
};
pub use spec::{Alpha, BlockKind, MOST_WIDTH, ModelSpec, Shortcut, SpecError, Stem};
pub use zoo::{SUFFIX, ZOO, Zoo, by_name, names, row_of, suggest};
