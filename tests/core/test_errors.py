from wildframe.core.errors import UserError


def test_what_a_library_says_on_several_lines_is_one_sentence():
    error = UserError("a.parquet: not sound (No more data\r\n  to read.\n); delete it")
    assert str(error) == "a.parquet: not sound (No more data to read.); delete it"
