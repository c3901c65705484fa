// What changes from one training step to the next.
struct Step {
    // Position in the epoch's order of the batch's first picture.
    batch_start: u32,
    // Record in the ring of measurements that this step writes.
    slot: u32,
    // Seed of this epoch's crops and flips.
    augment_seed: u32,
    // 1: crop and flip.
    augment: u32,
    lr: f32,
    momentum: f32,
    weight_decay: f32,
    nesterov: u32,
}
