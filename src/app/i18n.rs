//! Every word the window says, as functions named like the messages in `assets/i18n/*.ftl`, with `_` for
//! `-`: a panel cannot ask for a message that nobody declared, and a test holds the files to this list.
//!
//! To say something new: declare it here, then write it in every language's file.

mod catalogue;
mod language;

use catalogue::Value;
pub(super) use catalogue::source;
pub use language::{Language, language, set_language};

/// Declares functions that return a fixed text of the window's language.
macro_rules! texts {
    ($($name:ident;)*) => {
        /// Places in a catalogue's table.
        #[allow(non_camel_case_types)]
        enum Text { $($name),* }

        /// The names of all fixed texts, in the table's order.
        const TEXTS: &[&str] = &[$(stringify!($name)),*];

        $(pub fn $name() -> &'static str {
            catalogue::text(Text::$name as usize)
        })*
    };
}

/// Declares functions that write a message with values in it, in the window's language.
macro_rules! messages {
    ($($name:ident($($argument:ident),+);)*) => {
        /// Names and arguments of all messages with values.
        #[cfg(test)]
        const MESSAGES: &[(&str, &[&str])] = &[$((stringify!($name), &[$(stringify!($argument)),+])),*];

        $(pub fn $name<'a>($($argument: impl Value<'a>),+) -> String {
            catalogue::message(stringify!($name), &[$((stringify!($argument), $argument.value())),+])
        })*
    };
}

texts! {
    // The name.
    app_name;

    // Transport.
    run; pause; run_again; step; restart; theme; help; run_hint; run_waits; pause_hint; step_hint;
    restart_hint; theme_hint; language_hint; help_hint; epoch; epoch_hint; step_label;
    step_readout_hint; images_per_s; images_per_s_hint; left; left_hint; adapter; adapter_hint;

    // Network.
    network; network_hint; residual_group; plain_group; parameters; parameters_hint; macs; macs_hint;
    gpu_memory; gpu_memory_hint; shortcut; shortcut_hint; shortcut_a; shortcut_b; shortcut_none;
    shortcut_a_hint; shortcut_b_hint; shortcut_none_hint; batch_norm; batch_norm_hint;

    // Data.
    data; data_hint; data_counts_hint; no_data; open_archive; shapes10;

    // Recipe.
    recipe; learning_rate; learning_rate_hint; schedule_constant; schedule_step; schedule_cosine;
    schedule_constant_hint; schedule_step_hint; schedule_cosine_hint; schedule_plot_hint; batch;
    batch_hint; momentum; momentum_hint; weight_decay; weight_decay_hint; epochs; epochs_hint; seed;
    seed_hint; init; init_torch; init_he; init_torch_hint; init_he_hint; nesterov; nesterov_hint;
    augment; augment_hint; build_hint;

    // Files.
    evaluate; evaluate_hint; save; save_hint; load; load_hint; drop_here; archive_filter;
    checkpoint_filter; download_gone; no_font;

    // The network's picture.
    measured; arc_caption; card_caption_skip; card_caption_branch; card_caption_plain_rest;
    card_caption_rest; plain_caption; gradient; gradient_caption; backward; gradient_hint;
    first_by_last; norm_symbol; no_network;

    // Charts.
    train_loss; test_loss; test_accuracy; train_loss_hint; test_loss_hint; test_accuracy_hint; loss;
    accuracy; lines_caption; log_axis; log_axis_hint; loss_empty; accuracy_empty; train; test;

    // States.
    waiting_for_gpu; compiling_starts; evaluating; restart_button; lower_lr; lower_lr_hint; start_again;
    dismiss; close;

    // Help.
    help_title; help_reading; help_arc; help_card; help_bar; help_curve;

    // The keys, in the help.
    key_space; key_run; key_step; key_restart; key_evaluate; key_theme; key_language; key_help;

    // A block and a bar, in their hover texts.
    block_share; block_skip; block_branch; block_sum; block_output; block_plain; block_projection;
    block_identity; bar_gradient_norm; bar_weight_norm;

    // Views and the transport.
    view_watch; view_watch_hint; view_microscope; view_microscope_hint; charts; speed; speed_full;
    speed_full_hint; copy_link; copy_link_hint; link_copied; presentation; presentation_hint;

    // Panels that move.
    move_panel; move_panel_hint; reset_layout; reset_layout_hint; reduced_motion; reduced_motion_hint;

    // Before a network is built.
    runs; step_time; step_time_hint; custom; custom_hint; blocks; blocks_hint; width; width_hint;
    input_size; input_size_hint; block_shape; block_shape_hint; block_basic; block_basic_hint;
    block_bottleneck; block_bottleneck_hint; stem; stem_hint; stem_cifar; stem_cifar_hint; stem_imagenet;
    stem_imagenet_hint; alpha; alpha_hint; preset_cifar; preset_cifar_hint; preset_article;
    preset_article_hint; cifar_missing;

    // Pictures.
    download; download_hint; album_hint; album_caption; preview; preview_hint;

    // The frame meter.
    meter; meter_half; meter_most; meter_ui; meter_frame;

    // More keys.
    key_microscope; key_block; key_enter; key_open; key_picture; key_fit; key_measure; key_layer;
    key_charts; key_presentation; key_link; key_frame; key_escape; key_leave;

    // What a network's title says beside its name.
    title_option_a; title_option_b; title_no_bn;
}

messages! {
    // Progress.
    compiling(done, of); fetching(name, done, of); opening(name);

    // Controls and readouts.
    build(title); of(total); classes(n, names); counts(train, test); largest_by_smallest(ratio);
    moments(mean, std); chart_point(series, step, value);

    // States and remarks.
    slow(time); use_network(title); diverged(step, what); device_lost(why); saved(name); loaded(step);
    finished(steps); save_failed(why); read_failed(name, why); times(n); throttled(rate);

    // Messages of the frame.
    speed_hint(rate); per_second(rate); about(time); fits_at(need, allowed, batch);
    fits_never(need, allowed); class_count(name, count); album_title(name); link_faults(parts);
    link_data(name); link_block(name); settings_unreadable(why); title_custom(what);

    // For a screen reader: one block, one bar.
    block_label(name, share); bar_label(name, norm);
}

/// Lines of a block's hover text: what stands before each value.
pub fn block_details() -> [&'static str; 5] {
    [block_share(), block_skip(), block_branch(), block_sum(), block_output()]
}

/// Lines of a bar's hover text.
pub fn bar_details() -> [&'static str; 2] {
    [bar_gradient_norm(), bar_weight_norm()]
}

/// What kind of skip a block has.
pub fn block_kind(projected: bool, residual: bool) -> &'static str {
    match (residual, projected) {
        (false, _) => block_plain(),
        (true, true) => block_projection(),
        (true, false) => block_identity(),
    }
}
