"""Do Image Classifiers Generalize Across Time? Its tables and figures, of each of its datasets."""

VID_ROBUST = CONFIG.studies.vid_robust
# Only these have objects to detect.
WITH_BOXES = [
    name
    for name in VID_ROBUST.datasets
    if VID_ROBUST.detectors and CONFIG.has_boxes(name)
]


include: "vid_robust/accuracy.smk"
include: "vid_robust/pictures.smk"
include: "vid_robust/detection.smk"
include: "vid_robust/training.smk"
include: "vid_robust/beyond.smk"


rule vid_robust:
    input:
        # The papers'.
        expand(
            [
                *rules.vid_robust_fig1_gallery.output,
                *rules.vid_robust_fig2_original_vs_perturbed.output,
                *rules.vid_robust_table1_model_types.output,
                *rules.vid_robust_appendix_fig1_dissimilar.output,
                *rules.vid_robust_appendix_fig2_by_k.output,
                *rules.vid_robust_appendix_fig3_per_class.output,
                *rules.vid_robust_table3_models.output,
            ],
            dataset=VID_ROBUST.datasets,
        ),
        expand(
            [
                *rules.vid_robust_fig3_detections.output,
                *rules.vid_robust_table2_detection.output,
            ],
            dataset=WITH_BOXES,
        ),
        rules.vid_robust_hyperparameters.output if VID_ROBUST.trainings else [],
        # Beyond them.
        expand(
            [
                *rules.vid_robust_effective_robustness.output,
                *rules.vid_robust_consistency.output,
                *rules.vid_robust_model_pairs.output,
                *rules.vid_robust_review.output,
            ],
            dataset=VID_ROBUST.datasets,
        ),
    log:
        "<logs>/vid_robust.log",
    localrule: True
