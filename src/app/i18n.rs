//! Every word the window says, as functions named like the messages in `assets/i18n/*.ftl`, with `_` for
//! `-`: a panel cannot ask for a message that nobody declared, and a test holds the files to this list.
//!
//! To say something new: declare it here, then write it in every language's file.

mod catalogue;
mod language;
pub mod scope;

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

    // Kept runs.
    shelf_of_another_version;

    // Recipe.
    recipe; learning_rate; learning_rate_hint; schedule_constant; schedule_step; schedule_cosine;
    schedule_constant_hint; schedule_step_hint; schedule_cosine_hint; schedule_plot_hint; batch;
    batch_hint; momentum; momentum_hint; weight_decay; weight_decay_hint; epochs; epochs_hint; seed;
    seed_hint; init; init_torch; init_he; init_torch_hint; init_he_hint; nesterov; nesterov_hint;
    augment; augment_hint; resize; resize_hint; build_hint;

    // Engines.
    engine; engine_hint; engine_own; engine_own_hint; engine_burn; engine_burn_hint; engine_burn_cpu;
    engine_burn_cpu_hint; only_own_engine;

    // Files.
    evaluate; evaluate_hint; save; save_hint; load; load_hint; drop_here; archive_filter;
    checkpoint_filter; download_gone; no_font;

    // The network's picture.
    measured; arc_caption; plain_caption; gradient; gradient_caption; gradient_caption_then; backward; gradient_hint;
    first_by_last; norm_symbol; no_network; measured_hint; colour_by_hint; measure_gradient;
    measure_gradient_hint; measure_std; measure_std_hint; measure_std_symbol; measure_update;
    measure_update_hint; measure_update_symbol; measure_weight; measure_weight_hint; measure_weight_symbol; measure_dead; measure_dead_hint; measure_dead_symbol;
    measure_time; measure_time_hint; measure_time_symbol; times_wait; shared_log; shared_linear;
    maps_hint; maps_output; maps_sum; maps_branch; own_scale; own_scale_hint; maps_own; maps_broken;
    image; previous_image; next_image; own_picture; picture_hint; stem_maps_hint; head_hint; prediction;
    prediction_hint; so_far_hint; fold_hint; unfold_hint; card_hint; history; newest_on_top;
    history_hint; now; step_through; step_through_hint; next_layer; next_layer_hint; play; hold;
    play_hint; finish_step; finish_step_hint; phase_forward; phase_loss; phase_backward; phase_update;
    slice_output; slice_gradient; slice_update;

    // Charts.
    train_loss; test_loss; test_accuracy; train_loss_hint; test_loss_hint; test_accuracy_hint; loss;
    accuracy; lines_caption; log_axis; log_axis_hint; loss_empty; accuracy_empty; train; test;
    tab_loss_hint; tab_accuracy_hint; tab_rates; tab_rates_hint; tab_layers; tab_layers_hint;
    tab_confusion; tab_confusion_hint; linear_axis; along_step; along_epoch; along_time; along_hint;
    lock_scale_hint; unlock_scale_hint; curves_missing; zoom_fit; zoom_fit_hint; zoom_hint; zoom_hint_touch;
    rates_empty; layers_empty; confusion_empty;

    // Runs and exports.
    undo; this_run_hint; run_drawn_hint; run_name_hint; delete_run_hint; pin_hint; unpin_hint; export; export_hint; export_csv;
    export_csv_hint; export_run; export_run_hint; open_run; open_run_hint; run_filter; csv_filter;
    runs_hint; export_png; export_png_hint;

    // States.
    waiting_for_gpu; compiling_starts; evaluating; restart_button; lower_lr; lower_lr_hint; start_again;
    dismiss; close;

    // Checkpoints that are kept.
    begin_anew; begin_anew_hint; go_on; go_on_hint; discard; discard_hint; back_to_hint;

    // Help.
    help_title; help_reading; help_arc; help_card; help_bar; help_curve;

    // The keys, in the help.
    key_space; key_run; key_walk; key_step; key_restart; key_evaluate; key_theme; key_language; key_help;

    // A block and a bar, in their hover texts.
    block_share; block_skip; block_branch; block_sum; block_output; block_plain; block_projection;
    block_identity; bar_gradient_norm; bar_weight_norm; bar_update_norm;

    // Views and the transport.
    sheet_handle; sheet_handle_hint; view_watch; view_watch_hint; view_microscope; view_microscope_hint; charts; speed; speed_full;
    speed_full_hint; copy_link; copy_link_hint; link_copied; presentation; presentation_hint;

    // Shattered gradients.
    shatter_name; shatter_asks; shatter_hint; shatter_measured; shatter_empty; shatter_by_lag; shatter_by_depth;
    shatter_lag; shatter_depth; shatter_error; shatter_theory; shatter_theory_hint; shatter_points;
    shatter_points_hint; shatter_seeds_hint; shatter_depth_hint; shatter_lag_hint; identity_not_yet;

    // α on the skip.
    alphas_name; alphas_asks; alphas_hint; alphas_measured; alphas_empty; alphas_depth_hint; alphas_bare; alphas_bare_hint;
    alphas_bn_hint; alphas_seeds_hint; alphas_and; alphas_signal; alphas_signal_hint; alphas_signal_about; alphas_gradient;
    alphas_gradient_hint; alphas_gradient_about; alphas_measured_here;

    // A grid that is opened.
    cause_seeds_hint; cause_opened; cause_opened_hint; cause_open; cause_open_hint; cause_no_grid;

    // What an experiment is doing.
    lab_paths; lab_logit;

    // The past.
    past_time; past_time_hint; past_none; past_then; past_back; past_back_hint; past_branch; past_branch_hint; past_compare_hint;
    key_earlier; key_later;

    // Panels that move.
    move_panel; move_panel_hint; reset_layout; reset_layout_hint; reduced_motion; reduced_motion_hint;
    all_size_auto; all_size_hint; light_theme; light_offer;

    // Lessons.
    view_lessons; view_lessons_hint; lessons_title; lessons_about; lesson_prediction; lesson_question;
    lesson_experiment; lesson_predict; lesson_predict_hint; lesson_answer; lesson_answer_hint; lesson_do_hint;
    lesson_working; lesson_working_hint; lesson_end; lesson_again; lesson_again_hint; lesson_list_hint;
    lesson_close_hint; lesson_more; lesson_print; lesson_print_hint; lesson_link; lesson_link_hint; lesson_class;
    lesson_class_hint; lesson_open_hint; lesson_open_file; lesson_open_file_hint; lesson_stage_predict;
    lesson_stage_run; lesson_stage_reveal; lesson_usual; lesson_right; lesson_hand_in; lesson_hand_in_about;
    lesson_student; lesson_student_hint; lesson_copy; lesson_copy_hint; lesson_save_hint; lesson_copied; sheet_name; sheet_measured;
    class_about; class_paste; class_open; class_open_hint; class_needs_lesson; lesson_filter; answers_filter; sheet_filter; key_lessons;

    // Race.
    view_race; view_race_hint; race_setup; race_setup_hint; race_base_hint; race_differ; race_differ_hint; differ_skip;
    differ_skip_hint; differ_shortcut; differ_shortcut_hint; differ_bn; differ_bn_hint; differ_depth; differ_depth_hint;
    differ_alpha; differ_alpha_hint; differ_lr; differ_lr_hint; differ_init; differ_init_hint; race_steps;
    race_steps_hint; race_seeds; race_seeds_hint; race_rest; race_presets; race_presets_hint; race_start;
    race_start_hint; race_stop; race_stop_hint; race_go_on; race_go_on_hint; race_step_hint; race_rate_hint; race_left_hint; race_empty; race_begins;
    flag_undoes; flag_rejoins; flag_puts_back; flag_swaps_back; flag_does_nothing;
    race_comma; race_loss; race_loss_hint; race_fair; race_fair_hint; race_over; race_colour; race_maps;
    race_block_hint; race_plain_hint; race_values_hint; race_curves; race_nats; race_lines; race_lines_band; race_curves_empty; race_test_hint;
    race_test_caption; race_test_empty; race_flag_hint; race_gradients; race_gradients_empty; race_gradients_now; race_gradients_zero; race_conv_axis; race_surgery;
    race_surgery_hint; race_surgery_lane_hint; race_no_skips; race_whole; race_whole_hint; race_stage_hint;
    race_one_block_hint; race_choose_block; race_alpha_hint; race_mixed_hint;
    race_cut; race_cut_hint; race_rejoin; race_rejoin_hint; race_undo_hint; key_race;

    // The laboratory.
    view_lab; view_lab_hint; lab_list; lab_list_hint; lab_setup; lab_time_hint; lab_start; lab_start_hint; lab_stop;
    lab_stop_hint; lab_go_on; lab_go_on_hint; lab_waits; lab_prepares; lab_stopped; lab_over; lab_done; lab_done_hint; lab_left_hint; lab_json;
    lab_json_hint; lab_csv; lab_csv_hint; lab_no_network; key_lab;

    // Lesions.
    lesion_name; lesion_asks; lesion_hint; lesion_measured; lesion_measured_hint; lesion_network_hint; lesion_drop;
    lesion_drop_hint; lesion_swap; lesion_swap_hint; lesion_scramble; lesion_scramble_hint; lesion_images;
    lesion_images_hint; lesion_reestimate; lesion_reestimate_hint; lesion_twin; lesion_twin_hint; lesion_undo;
    lesion_empty; lesion_dropped; lesion_swapped; lesion_scrambled; lesion_kept; lesion_anew;
    lesion_and; lesion_reshapes; lesion_cannot_drop; lesion_cannot_swap;

    // The cause lab.
    cause_name; cause_asks; cause_hint; cause_measured; cause_ratio; cause_ratio_hint; cause_growth; cause_growth_hint;
    cause_dead; cause_dead_hint; cause_loss; cause_loss_hint; cause_fixup; cause_fixup_hint; cause_depths;
    cause_depths_hint; cause_inits; cause_inits_hint; cause_steps; cause_steps_hint; cause_batch_hint; cause_lr_hint;
    cause_step_hint; cause_no_bn; cause_no_sense; cause_waits; cause_yes; cause_no; cause_vanish; cause_vanish_hint;
    cause_healthy; cause_healthy_hint; cause_claims; cause_claims_hint; cause_plain_bn; cause_plain_bare;
    cause_skip_bn; cause_skip_bare; cause_layers; cause_choose; cause_gradient; cause_output; cause_output_hint;
    cause_response; cause_response_hint; cause_twin_hint; cause_layer_axis; cause_block_axis;

    // Before a network is built.
    runs; step_time; step_time_hint; custom; custom_hint; blocks; blocks_hint; width; width_hint;
    input_size; input_size_hint; block_shape; block_shape_hint; block_basic; block_basic_hint;
    block_bottleneck; block_bottleneck_hint; stem; stem_hint; stem_cifar; stem_cifar_hint; stem_imagenet;
    stem_imagenet_hint; alpha; alpha_hint; preset_cifar; preset_cifar_hint; preset_article;
    preset_article_hint; cifar_missing;

    // Surgery.
    surgery_title; surgery_title_hint; surgery_none; surgery_network; surgery_network_hint; surgery_stage_hint;
    surgery_block_hint; surgery_formula; surgery_alpha_hint; surgery_plain; surgery_resnet; surgery_rejoin;
    surgery_undo_hint; surgery_lesion; surgery_lesion_hint; surgery_swap; surgery_swap_hint; surgery_scramble; surgery_scramble_hint; surgery_drop; surgery_put_back_short; surgery_dropped_short; surgery_empty; surgery_cut_short; surgery_cut_hint; key_cut; key_undo_cut; init_fixup;
    init_fixup_hint;

    // Pictures.
    download; download_hint; album_hint; album_caption; preview; preview_hint;

    // The frame meter.
    meter; meter_ui; meter_ui_hint; meter_gpu;
    meter_gpu_timestamps; meter_gpu_latency; meter_gpu_unknown; meter_frame; meter_frame_hint;

    // More keys.
    key_microscope; key_block; key_enter; key_open; key_picture; key_fit; key_fold;
    key_charts; key_presentation; key_link; key_frame; key_zoom; key_escape; key_leave;

    // What a network's title says beside its name.
    title_option_a; title_option_b; title_no_bn;

    // The microscope and the choice of pictures.
    scope_title; scope_choose_block; scope_choose_number; scope_waiting; scope_open; scope_open_hint;
    scope_network; scope_back_hint; scope_stage_hint; scope_block_hint; scope_before_hint;
    scope_after_hint; scope_one_image; scope_now; scope_broken; scope_the_branch; scope_output; scope_sum;
    scope_shortcut_arrives; scope_no_skip; scope_conv_hint; scope_bn_hint; scope_bias_hint;
    scope_conv_bn_hint; scope_relu_hint; scope_pad_hint; scope_branch_hint; scope_sum_hint; scope_sum_relu_hint;
    scope_histogram; scope_histogram_hint; scope_ratio_name; scope_ratio_hint; scope_verdict_plain;
    scope_verdict_broken; scope_verdict_little; scope_verdict_edits; scope_verdict_writes;
    scope_history_hint; scope_signal; scope_signal_hint; scope_signal_plain; scope_against; scope_scale;
    scope_scale_hint; scope_scale_shared; scope_scale_own; scope_own_scale; scope_own_scale_hint;
    scope_tab_against; scope_tab_against_hint; scope_tab_prediction; scope_tab_prediction_hint;
    scope_tab_formula; scope_tab_formula_hint; scope_alpha_hint; scope_worked; scope_given;
    scope_enlarged; scope_enlarged_hint; scope_contributions; scope_contributions_hint;
    scope_sum_of_all; scope_alpha_x_plus_f; scope_below_zero; scope_exactly_equal; scope_formula_then;
    scope_formula_plain_then; scope_share_name; scope_why_title; scope_why; scope_cite; scope_image;
    scope_image_hint; scope_by_class; scope_source_waits; scope_picture_number; scope_earlier_hint;
    scope_later_hint; scope_as_trained; scope_batch_hint; scope_own; scope_own_shown_hint; scope_open_picture;
    scope_camera; scope_camera_hint; scope_own_hint_native; scope_own_hint_web; scope_picture_filter;
    scope_no_camera; scope_no_decoder; scope_true_class; scope_no_prediction; scope_prediction_broken; scope_chance_hint;
    scope_chance_row_hint; scope_weight; scope_weights; scope_product; scope_products; scope_from_test;
    scope_from_train; scope_from_hardest; scope_from_misclassified; scope_from_batch;
    scope_from_test_hint; scope_from_train_hint; scope_from_hardest_hint; scope_from_misclassified_hint;
    scope_from_class_hint;

    // Laboratory: is this real?
    trust_name; trust_asks; trust_hint; trust_empty; trust_measured; trust_needs; trust_output; trust_loss; trust_input_gradient;
    trust_shortcut_gradient; trust_weight_gradient; trust_gamma_gradient; trust_beta_gradient; trust_bias_gradient;
    trust_update; trust_repeat; trust_repeat_hint; trust_copy; trust_copy_hint; trust_deviation;
    trust_deviation_hint; trust_deviation_about; trust_forward; trust_forward_about; trust_gradients;
    trust_gradients_about; trust_updates; trust_updates_about; trust_layer; trust_waiting; trust_layer_hint;
    trust_layer_about; trust_compared; trust_deviation_name; trust_allowed_name; trust_allowed_hint; trust_drift;
    trust_drift_hint; trust_within; trust_too_far; trust_slope; trust_slope_hint; trust_no_weights;
    trust_parameter_hint; trust_index; trust_index_hint; trust_measure; trust_measure_hint; trust_by_gpu;
    trust_by_reference; trust_flat; trust_kernels; trust_kernels_hint; trust_times; trust_times_hint;
    trust_phase_probe; trust_kernel_hint; trust_by_half;
    engines_name; engines_asks; engines_hint; engines_empty; engines_measured; engines_needs; engines_other; engines_steps;
    engines_steps_hint; engines_losses; engines_losses_hint; engines_parameters; engines_parameters_hint;
    engines_parameters_about; engines_parameter; engines_gradient; engines_gradient_hint; engines_first;
    engines_first_hint; engines_worst; engines_worst_hint; engines_weights; engines_weights_hint; engines_waiting;
    engines_equal;

    // Laboratory: paths.
    paths_name; paths_asks; paths_hint; paths_empty; paths_measured; paths_needs; paths_class; paths_class_hint; paths_winner; paths_samples; paths_samples_hint;
    paths_images; paths_images_hint; paths_note; paths_lengths_title; paths_lengths_hint; paths_lengths_about;
    paths_branches; paths_gradient; paths_gradient_hint; paths_gradient_about; paths_all; paths_all_hint;
    paths_all_about; paths_way_gradient; paths_skip; paths_branch; paths_biases; paths_logit; paths_logit_hint;
    paths_logit_waits;

    // Laboratory: loss landscape.
    landscape_name; landscape_asks; landscape_hint; landscape_empty; landscape_measured; landscape_needs; landscape_anew; landscape_anew_hint; landscape_present; landscape_present_hint; landscape_needs_present; landscape_twin; landscape_twin_hint;
    landscape_steps; landscape_steps_hint; landscape_size; landscape_size_hint; landscape_reach;
    landscape_reach_hint; landscape_images; landscape_images_hint; landscape_statistics; landscape_running;
    landscape_running_hint; landscape_batch; landscape_batch_hint; landscape_path; landscape_path_hint;
    landscape_basin; landscape_random; landscape_random_hint; landscape_run; landscape_run_hint; landscape_contour;
    landscape_contour_hint; landscape_relief; landscape_relief_hint; landscape_waits; landscape_lane_hint;
    landscape_soon; landscape_turn; landscape_height; landscape_scale; landscape_scale_clipped;

    // Laboratory: identity is easy.
    identity_name; identity_asks; identity_hint; identity_empty; identity_measured; identity_blocks; identity_blocks_hint;
    identity_steps; identity_steps_hint; identity_seeds; identity_seeds_hint; identity_rates; identity_rates_few;
    identity_rates_few_hint; identity_rates_all; identity_rates_all_hint; identity_zero; identity_zero_hint;
    identity_skip; identity_plain; identity_never; identity_after; identity_best; identity_best_hint;
    identity_rate_hint; identity_ratio; identity_ratio_hint; identity_ratio_about; identity_loss;
    identity_loss_hint; identity_loss_about; identity_gamma; identity_gamma_hint; identity_gamma_about;
    identity_level; identity_half; identity_table; identity_table_hint; identity_waits; identity_lane;
    identity_to_identity; identity_to_identity_hint; identity_to_residual; identity_to_residual_hint; identity_last;
    identity_from_to; identity_gamma_last;
}

messages! {
    // Progress.
    compiling(done, of); fetching(name, done, of); opening(name);

    // Controls and readouts.
    build(title); of(total); classes(n, names); counts(train, test); largest_by_smallest(ratio);
    moments(mean, std); chart_point(series, step, value); chart_of(what, from, to); lock_scale(what); unlock_scale(what);

    // States and remarks.
    slow(time); use_network(title); diverged(step, what); device_lost(why); saved(name); loaded(step);
    finished(steps); save_failed(why); read_failed(name, why); times(n); throttled(rate);

    // Checkpoints that are kept.
    crashed(what); crashed_kept(what, step, n); go_on_from(step); keep_failed(why); curves_lost(why); resume_offer(name, data, step, ago); resume_needs(name, data); back_to(step);

    // Messages of the frame.
    speed_hint(rate); per_second(rate); about(time); fits_at(need, allowed, batch);
    fits_never(need, allowed); resize_cost(times, need, step); title_pixels(side); class_count(name, count); album_title(name); link_faults(parts);
    link_data(name); link_block(name); settings_unreadable(why); title_custom(what); title_width(width);

    // Lessons.
    lesson_of(n, of, minutes); lesson_minutes(minutes); lesson_unreadable(why); lesson_steps(done, of);
    lesson_predicted(what); lesson_next(title); lesson_line_hint(block); lesson_end_hint(layer); class_counted(students, others, unreadable);

    // Race.
    race_after(steps); race_fair_width(width); race_diverged(step); race_band(mean, low, high); race_lr(rate); race_parameters(count);
    race_seeds_done(done, of); race_mean_of(n); race_block(lane, block, share, norm); race_was_cut(who, step);
    race_was_set(who, value, step); race_was_rejoined(who, step); race_was_undone(who, step);
    race_preset_hint(lanes, steps, batch);

    // Shattered gradients.
    shatter_apart(depth, lag); shatter_at(name, at, value);

    // α on the skip.
    alphas_grows(times); alphas_skip_left(share); alphas_at(alpha, block, value);
    alphas_told(alpha, skip, theory, whole);

    // A grid that is opened.
    cause_other_data(data); cause_seeds(n, low, high);

    // What an experiment is doing.
    lab_trains(name); lab_intact(name); lab_surface(name); lab_seed(name, seed);

    // The past.
    past_step(step); past_kept(n); past_now(step); past_words(step, now); branched(step); parted(name, before);

    // The laboratory.
    lab_waiting(name);

    // Lesions.
    lesion_on_average(what); lesion_intact_was(share); lesion_trained(steps); lesion_after(steps); lesion_about(network, images, statistics);
    lesion_chance(share); lesion_intact(share); lesion_without(blocks); lesion_exchanged(blocks);
    lesion_shuffled(blocks); lesion_left(share, points, loss);

    // The cause lab.
    cause_says(runs); cause_says_vanish(n); cause_says_healthy(n); cause_runs(n); cause_at(step); cause_step(step);
    cause_diverged(step, what); cause_claims_at(step); cause_of_runs(n, of); cause_zeros(n, of); cause_block(n);

    // The window as a whole.
    all_size(size); all_size_at(percent); meter_times(half, most);

    // The map.
    colour_by(what); maps(what); maps_shown(n, of); maps_signed(end); maps_positive(end);
    scale_of(name); batch_picture(n); guess(name, percent); guess_right(name, percent); truth(name);
    so_far(name); stage_label(name, n, shape); folded_name(name, n); folded_label(name, n, share);
    mean_of(n); history_step(step); history_steps(first, last); slice_words(step, phase, layer);
    slice_moments(shape, mean, std); slice_loss(loss); slice_at(done, of);

    // Surgery.
    surgery_cut(name); surgery_set(name, alpha); surgery_rejoined(name); surgery_undone(name);
    surgery_mean(n, low, high); surgery_from_to(low, high); surgery_slider(name);
    surgery_rejoin_all_hint(name); surgery_arc_label(name, alpha); surgery_arc_values(alpha, share); surgery_drop_hint(name); surgery_dropped(name);
    surgery_put_back(name); surgery_swapped(name, other); surgery_scrambled(name); surgery_beta(name, beta);
    surgery_rejoin_hint(alpha);

    // Charts and runs.
    confusion_as_of(step); confusion_right(name, count); confusion_wrong(truth, said, count);
    confusion_share(share, name); confusion_pictures(n); confusion_picture(index, loss);
    layers_step(step); run_deleted(name); run_row(name, accuracy); delete_run(name); run_opened(name);
    run_unreadable(name, why); run_made_room(name); pins_full(n); pin_run(name); unpin_run(name);
    run_not_kept(why); shelf_unreadable(why); shelf_damaged(why);

    // For a screen reader: one block, one bar.
    block_label(name, share); bar_label(name, norm);

    // The microscope and the choice of pictures.
    scope_about(kind, channels, skip); scope_about_size(kind, channels, size, skip); scope_std(value);
    scope_share(value); scope_skip_alpha(skip, alpha); scope_signal_skip(value);
    scope_stage_label(name, shown, of); scope_number_at(name, channel, x, y); scope_channel(n);
    scope_input_channel(n); scope_window_of(name); scope_sum_of(n); scope_with_rounding(term);
    scope_all_channels(n); scope_channel_adds(n, value); scope_one_and_others(one, others, n);
    scope_equal_digits(n); scope_deviates(off); scope_rms_of(what); scope_since(step);
    scope_chance_history(class); scope_number_hint(last); scope_test_record(index);
    scope_train_record(index); scope_record_right(said, loss); scope_record_wrong(label, said, loss);
    scope_batch_image(n, of); scope_batch_described(n); scope_says_right(said, sure);
    scope_says_wrong(said, sure, label); scope_says_unknown(said, sure);

    // Laboratory: is this real?
    engines_agree(deviation); engines_differ(deviation, allowed); engines_about(name, batch, own, other);
    engines_losses_about(allowed);
    trust_off(faults, n, layer); trust_agrees(n); trust_about(name, images, adapter, gpu, reference);
    trust_repeat_about(seed); trust_no_line(what); trust_allowed(value); trust_drift_of(value);
    trust_weights_of(name); trust_weights_about(shape, most); trust_not_measured(name, index, value); trust_by_h(h);
    trust_kink(h); trust_apart(gpu, reference); trust_kernels_about(batch); trust_layer_time(time);
    trust_workgroups(n); trust_reads(reads, writes); trust_uniform(params);

    // Laboratory: paths.
    paths_range(from, to); paths_some(n, of); paths_of(count); paths_lengths(lengths); paths_carry(share); paths_through(n);
    paths_share_of(share); paths_one(gradient, samples); paths_together(share); paths_logit_about(picture, class);
    paths_sum(image, n, biases, sum, logit); paths_off(off, allowed); paths_level(class, value);

    // Laboratory: loss landscape.
    landscape_about(known, of, low, high); landscape_after(steps); landscape_trains(step, loss); landscape_component(k, share);
    landscape_direction(k); landscape_picture(name); landscape_point(a, b, loss, accuracy); landscape_step(step);

    // Laboratory: identity is easy.
    identity_range(from, to); identity_some_never(range, never, of); identity_at(name, step, value);
    identity_table_about(blocks, residual, loss);
}

/// Lines of a block's hover text: what stands before each value.
pub fn block_details() -> [&'static str; 5] {
    [block_share(), block_skip(), block_branch(), block_sum(), block_output()]
}

/// Lines of a bar's hover text.
pub fn bar_details() -> [&'static str; 3] {
    [bar_gradient_norm(), bar_weight_norm(), bar_update_norm()]
}

/// What kind of skip a block has.
pub fn block_kind(projected: bool, residual: bool) -> &'static str {
    match (residual, projected) {
        (false, _) => block_plain(),
        (true, true) => block_projection(),
        (true, false) => block_identity(),
    }
}
