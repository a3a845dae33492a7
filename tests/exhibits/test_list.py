"""The list of exhibits that the command prints."""


def test_a_list_says_target_and_files(wildframe):
    printed = wildframe("exhibits", "list", "ego4d", "--format", "csv").stdout.splitlines()
    assert printed[0] == "target,exhibit,shows,files"
    (row,) = (line for line in printed if line.startswith("ego4d_fig7_zero_shot_in1k,"))
    assert row.startswith("ego4d_fig7_zero_shot_in1k,Fig. 7,")
    assert row.endswith(',"ego4d/fig7_zero_shot_in1k.{md,csv,tex}"')
    everything = wildframe("exhibits", "list", "--format", "csv").stdout
    assert "vid_robust/<dataset>/table1_model_types.{md,csv,tex}" in everything
    assert set(printed) < set(everything.splitlines())
